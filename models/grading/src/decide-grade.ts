import type { FruitRecord, Recipe, RecipeCondition, RecipeFigure, RecipeRule } from '@pomona/wire';
import { figureOf, type JudgedFruit } from './fruit-figures.ts';

export interface Decision {
  readonly grade: string;
  readonly gate: number;
  readonly outcome: Exclude<FruitRecord['outcome'], 'late' | 'paused'>;
}

/** A decision, and what made it. */
export interface Verdict extends Decision {
  /** The last ceiling that lowered the grade. */
  readonly ceiling: Ceiling | undefined;
  /** The rule that applied. */
  readonly rule: RecipeRule | undefined;
  /** What was not measured of this fruit, and would have to be for one to be sure of the grade. */
  readonly missing: readonly MissingFigure[];
}

/** `views`: the probabilities of the single views. */
export type MissingFigure = RecipeFigure | 'viewProbabilities';

type Ceiling = Recipe['ceilings'][number];

/**
 * A fruit's grade by a recipe that `checkRecipe` accepted for these labels: the cheapest grade by the recipe's costs, or
 * else that of the most probable label; lowered by the ceilings until none applies; then by the first rule that applies.
 * The recipe's default when there were too few views.
 */
export function judgeFruit(recipe: Recipe, labels: readonly string[], fruit: JudgedFruit): Verdict {
  if (fruit.viewCount < recipe.viewsMin || fruit.probabilities.length === 0)
    return { ...defaultDecision(recipe), ceiling: undefined, rule: undefined, missing: [] };
  const missing: MissingFigure[] = [];
  const first = firstGradeOf(recipe, labels, fruit.probabilities);
  const ceiling = lower(recipe, labels, first, fruit, missing);
  const lowered = ceiling?.elseGrade ?? first;
  const rule = ruleThatApplies(recipe, labels, lowered, fruit, missing);
  const grade = rule?.grade ?? rule?.noBetterThan ?? lowered;
  return { grade, gate: gateOf(recipe, grade), outcome: 'graded', ceiling, rule, missing };
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
  for (let i = 0; i < recipe.gates.length; i++)
    if (recipe.gates[i]!.grade === grade) return recipe.gates[i]!.gate;
  throw new Error(`recipe ${recipe.version} has no gate for "${grade}"`);
}

/** The grades that a recipe may give, the best first. */
export function gradesOf(recipe: Recipe, labels: readonly string[]): readonly string[] {
  return recipe.grades ?? labels;
}

/** What probabilities alone say, before ceilings and rules. */
export function firstGradeOf(
  recipe: Recipe,
  labels: readonly string[],
  probabilities: ArrayLike<number>,
): string {
  if (recipe.costs !== undefined) return cheapestOf(recipe, labels, probabilities);
  const label = likeliestOf(labels, probabilities);
  return recipe.gradeOf?.[label] ?? label;
}

/** Of grades that cost the same, the better one. */
function cheapestOf(recipe: Recipe, labels: readonly string[], probabilities: ArrayLike<number>): string {
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const grade of gradesOf(recipe, labels)) {
    let cost = 0;
    for (let k = 0; k < labels.length; k++)
      cost += probabilities[k]! * (recipe.costs?.[labels[k]!]?.[grade] ?? Number.POSITIVE_INFINITY);
    if (cost < least) [best, least] = [grade, cost];
  }
  if (best === undefined) throw new Error(`recipe ${recipe.version} has no costs for ${labels.join(', ')}`);
  return best;
}

/** The last of the ceilings that lower a grade, in turn. They form no circle (`checkRecipe`), so each of them acts at most once. */
function lower(
  recipe: Recipe,
  labels: readonly string[],
  first: string,
  fruit: JudgedFruit,
  missing: MissingFigure[],
): Ceiling | undefined {
  let last: Ceiling | undefined;
  for (let applied = 0; applied < recipe.ceilings.length; applied++) {
    const next = ceilingOf(recipe, labels, last?.elseGrade ?? first, fruit, missing);
    if (next === undefined) break;
    last = next;
  }
  return last;
}

/** The first that lowers `grade`. */
function ceilingOf(
  { ceilings }: Recipe,
  labels: readonly string[],
  grade: string,
  { probabilities, views }: JudgedFruit,
  missing: MissingFigure[],
): Ceiling | undefined {
  for (let i = 0; i < ceilings.length; i++) {
    const row = ceilings[i]!;
    if (row.grade !== grade) continue;
    const label = labels.indexOf(row.of);
    if (row.views === undefined) {
      if (probabilities[label]! > row.maxProbability) return row;
    } else if (views === undefined) addOnce(missing, 'viewProbabilities');
    else if (viewsAbove(views, label, row.maxProbability) >= row.views) return row;
  }
  return undefined;
}

function viewsAbove(views: readonly ArrayLike<number>[], label: number, limit: number): number {
  let count = 0;
  for (let v = 0; v < views.length; v++) if (views[v]![label]! > limit) count++;
  return count;
}

function addOnce(missing: MissingFigure[], figure: MissingFigure): void {
  if (!missing.includes(figure)) missing.push(figure);
}

function ruleThatApplies(
  recipe: Recipe,
  labels: readonly string[],
  grade: string,
  fruit: JudgedFruit,
  missing: MissingFigure[],
): RecipeRule | undefined {
  if (recipe.rules === undefined) return undefined;
  const grades = gradesOf(recipe, labels);
  const place = grades.indexOf(grade);
  return recipe.rules.find((rule) => {
    if (rule.noBetterThan !== undefined && place >= grades.indexOf(rule.noBetterThan)) return false;
    const unknown: MissingFigure[] = [];
    const holds = conditionHolds(rule.when, fruit, recipe, labels, unknown);
    if (holds === undefined) for (const figure of unknown) addOnce(missing, figure);
    return holds === true;
  });
}

/** Undefined where it hangs on what was not measured (Kleene's logic): that goes to `unknown`. */
function conditionHolds(
  condition: RecipeCondition,
  fruit: JudgedFruit,
  recipe: Recipe,
  labels: readonly string[],
  unknown: MissingFigure[],
): boolean | undefined {
  const holds = (inner: RecipeCondition) => conditionHolds(inner, fruit, recipe, labels, unknown);
  const { all, any, not } = condition;
  if (all !== undefined) {
    const each = all.map(holds);
    return each.includes(false) ? false : each.includes(undefined) ? undefined : true;
  }
  if (any !== undefined) {
    const each = any.map(holds);
    return each.includes(true) ? true : each.includes(undefined) ? undefined : false;
  }
  if (not !== undefined) {
    const inner = holds(not);
    return inner === undefined ? undefined : !inner;
  }
  const value = figureOf(condition, fruit, recipe, labels);
  if (value === undefined) {
    if (condition.figure !== undefined) unknown.push(condition.figure);
    return undefined;
  }
  return (
    value < (condition.below ?? Number.POSITIVE_INFINITY) &&
    value <= (condition.atMost ?? Number.POSITIVE_INFINITY) &&
    value > (condition.above ?? Number.NEGATIVE_INFINITY) &&
    value >= (condition.atLeast ?? Number.NEGATIVE_INFINITY)
  );
}

/** The first of the most probable. `probabilities` as many as `labels`. */
export function likeliestOf(labels: readonly string[], probabilities: ArrayLike<number>): string {
  let best = 0;
  for (let k = 1; k < labels.length; k++) {
    if (probabilities[k]! > probabilities[best]!) best = k;
  }
  return labels[best]!;
}
