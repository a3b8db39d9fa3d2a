import { ceilingThatApplied } from '@pomona/grading';
import type { FruitRecord, Recipe } from '@pomona/wire';

/** Why a fruit got its grade, in words for who stands at the line. `views`: the probabilities of each. */
export function explainGrade(
  recipe: Recipe,
  labels: readonly string[],
  fruit: Pick<FruitRecord, 'grade' | 'outcome' | 'paused' | 'probabilities'>,
  views: readonly ArrayLike<number>[],
): string {
  const { grade, outcome, probabilities } = fruit;
  if (fruit.paused === true) return 'grading was paused';
  if (outcome === 'late') return 'decided too late for its gate';
  if (outcome === 'unseen') return `seen ${times(views.length)}, ${recipe.viewsMin} needed`;
  const share = (label: string): string => percent(probabilities[labels.indexOf(label)] ?? 0);
  const ceiling = ceilingThatApplied(recipe, labels, probabilities, views);
  if (ceiling === undefined) return `looks ${grade} (${share(grade)})`;
  const { of, maxProbability } = ceiling;
  if (ceiling.views === undefined)
    return `${share(of)} ${of}, at most ${percent(maxProbability)} may be for ${ceiling.grade}`;
  const label = labels.indexOf(of);
  const seen = views.filter((view) => view[label]! > maxProbability).length;
  return `${seen} of ${views.length} views look ${of}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}
