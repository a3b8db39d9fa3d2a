import { comparisonsIn, figureOf, type JudgedFruit, judgeFruit, likeliestOf } from '@pomona/grading';
import type { FruitRecord, Recipe, RecipeComparison, RecipeRule } from '@pomona/wire';

/** Why a fruit got its grade, in words for who stands at the line. `views`: the probabilities of each. */
export function explainGrade(
  recipe: Recipe,
  labels: readonly string[],
  fruit: Pick<FruitRecord, 'grade' | 'outcome' | 'paused' | 'probabilities' | 'diameterMm' | 'measures'>,
  views: readonly ArrayLike<number>[],
): string {
  const { grade, outcome, probabilities } = fruit;
  if (fruit.paused === true) return 'grading was paused';
  if (outcome === 'late') return 'decided too late for its gate';
  if (outcome === 'unseen') return `seen ${times(views.length)}, ${recipe.viewsMin} needed`;
  const share = (label: string): string => percent(probabilities[labels.indexOf(label)] ?? 0);
  const judged = { probabilities, views, viewCount: views.length, measured: fruit };
  const { ceiling, rule } = judgeFruit(recipe, labels, judged);
  // The figure first: on a small card the rest may be cut off.
  if (rule !== undefined) return `${figuresInWords(rule, judged, recipe, labels)} (${rule.name})`;
  if (ceiling === undefined) {
    const looks = labels.includes(grade) ? grade : likeliestOf(labels, probabilities);
    return `looks ${looks} (${share(looks)})`;
  }
  const { of, maxProbability } = ceiling;
  if (ceiling.views === undefined)
    return `${share(of)} ${of}, at most ${percent(maxProbability)} may be for ${ceiling.grade}`;
  const label = labels.indexOf(of);
  const seen = views.filter((view) => view[label]! > maxProbability).length;
  return views.length === 1 ? `its view looks ${of}` : `${seen} of ${views.length} views look ${of}`;
}

/** What the rule compared, and found. */
function figuresInWords(
  { when }: RecipeRule,
  fruit: JudgedFruit,
  recipe: Recipe,
  labels: readonly string[],
): string {
  const found = comparisonsIn(when).flatMap((comparison) => {
    const value = figureOf(comparison, fruit, recipe, labels);
    return value === undefined ? [] : [inWords(comparison, value)];
  });
  return [...new Set(found)].join(', ');
}

function inWords({ figure, colour, of }: RecipeComparison, value: number): string {
  switch (figure) {
    case 'diameterMm':
      return `diameter ${value.toFixed(1)}\u00a0mm`;
    case 'defectAreaMm2':
      return `defects ${Math.round(value)}\u00a0mm²`;
    case 'defectShare':
      return `defects ${(value * 100).toFixed(1)}\u00a0%`;
    case 'rotShare':
      return `rot ${(value * 100).toFixed(1)}\u00a0%`;
    case 'colourShare':
      return `${percent(value)} ${colour}`;
    case 'probability':
      return `${percent(value)} ${of}`;
    case 'views':
      return `seen ${times(value)}`;
    default:
      return `${figure} ${value.toFixed(2)}`;
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}\u00a0%`;
}
