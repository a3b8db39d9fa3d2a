import type { FruitRecord, Recipe } from '@pomona/wire';

export interface Decision {
  readonly grade: string;
  readonly gate: number;
  readonly outcome: Exclude<FruitRecord['outcome'], 'late' | 'paused'>;
}

/**
 * A fruit's grade by a recipe that `checkRecipe` accepted for these labels: the most probable label, lowered by the
 * ceilings until none applies; the recipe's default when there were too few views. `probabilities` of the whole
 * fruit, in the order of `labels`; `views` are those of the crops that stand behind them.
 */
export function decideGrade(
  recipe: Recipe,
  labels: readonly string[],
  probabilities: ArrayLike<number>,
  views: readonly ArrayLike<number>[],
): Decision {
  if (views.length < recipe.viewsMin || probabilities.length === 0) return defaultDecision(recipe);
  const ceiling = ceilingThatApplied(recipe, labels, probabilities, views);
  const grade = ceiling?.elseGrade ?? likeliestOf(labels, probabilities);
  return { grade, gate: gateOf(recipe, grade), outcome: 'graded' };
}

/** What a fruit gets that was not seen well enough. */
export function defaultDecision(recipe: Recipe): Decision {
  return {
    grade: recipe.defaultGrade,
    gate: gateOf(recipe, recipe.defaultGrade),
    outcome: 'unseen',
  };
}

/** `checkRecipe` promises that every grade has a gate. */
export function gateOf(recipe: Recipe, grade: string): number {
  const row = recipe.gates.find((candidate) => candidate.grade === grade);
  if (row === undefined) throw new Error(`recipe ${recipe.version} has no gate for "${grade}"`);
  return row.gate;
}

/** The last ceiling that lowered a fruit's grade; undefined when none did. As `decideGrade`, of a fruit that it graded. */
export function ceilingThatApplied(
  recipe: Recipe,
  labels: readonly string[],
  probabilities: ArrayLike<number>,
  views: readonly ArrayLike<number>[],
): Ceiling | undefined {
  return lower(recipe, labels, probabilities, views).at(-1);
}

type Ceiling = Recipe['ceilings'][number];

/** The ceilings that lower the likeliest grade, in turn. They form no circle (`checkRecipe`), so each of them acts at most once. */
function lower(
  recipe: Recipe,
  labels: readonly string[],
  probabilities: ArrayLike<number>,
  views: readonly ArrayLike<number>[],
): Ceiling[] {
  const applied: Ceiling[] = [];
  let grade = likeliestOf(labels, probabilities);
  while (applied.length < recipe.ceilings.length) {
    const ceiling = recipe.ceilings.find((row) => {
      if (row.grade !== grade) return false;
      const label = labels.indexOf(row.of);
      if (row.views === undefined) return probabilities[label]! > row.maxProbability;
      return views.filter((view) => view[label]! > row.maxProbability).length >= row.views;
    });
    if (ceiling === undefined) break;
    applied.push(ceiling);
    grade = ceiling.elseGrade;
  }
  return applied;
}

/** The first of the most probable. `probabilities` as many as `labels`. */
export function likeliestOf(labels: readonly string[], probabilities: ArrayLike<number>): string {
  let best = 0;
  for (let k = 1; k < labels.length; k++) {
    if (probabilities[k]! > probabilities[best]!) best = k;
  }
  return labels[best]!;
}
