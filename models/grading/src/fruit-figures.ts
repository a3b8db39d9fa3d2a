import {
  type FruitRecord,
  hueBins,
  hueFrom,
  hueStep,
  type Recipe,
  type RecipeComparison,
  type RecipeCondition,
  type RecipeFigure,
} from '@pomona/wire';
import type { FruitAreas } from './area-limits.ts';

/** A fruit as a recipe judges it. */
export interface JudgedFruit {
  /** Of the whole fruit, in the order of the labels; empty without a view. */
  readonly probabilities: ArrayLike<number>;
  readonly viewCount: number;
  /** The probabilities of each view; undefined where they were not kept. */
  readonly views: readonly ArrayLike<number>[] | undefined;
  readonly measured: MeasuredFruit;
}

/** What a fruit's record says of it beside its probabilities. */
export interface MeasuredFruit {
  readonly diameterMm: number;
  readonly measures?: FruitRecord['measures'] | undefined;
}

/** What a recipe's limits of areas are held against; undefined where one of them was not measured. */
export function areasOf(measures: MeasuredFruit['measures']): FruitAreas | undefined {
  const { defectShare, rotShare } = measures ?? {};
  return defectShare === undefined || rotShare === undefined ? undefined : { defectShare, rotShare };
}

/** Of a fruit, what a comparison is about; undefined where it was not measured. */
export function figureOf(
  { figure, of, colour }: RecipeComparison,
  fruit: JudgedFruit,
  recipe: Recipe,
  labels: readonly string[],
): number | undefined {
  const { diameterMm, measures } = fruit.measured;
  switch (figure) {
    case 'diameterMm':
      return diameterMm > 0 ? diameterMm : undefined;
    case 'views':
      return fruit.viewCount;
    case 'roundness':
      return measures?.roundness;
    case 'turns':
      return measures?.turns;
    case 'defectShare':
      return measures?.defectShare;
    case 'rotShare':
      return measures?.rotShare;
    case 'defectAreaMm2':
      return measures?.defectShare === undefined || !(diameterMm > 0)
        ? undefined
        : measures.defectShare * Math.PI * diameterMm ** 2;
    case 'colourShare':
      return colourShare(measures?.hues, colour === undefined ? undefined : recipe.colours?.[colour]);
    case 'probability':
      return fruit.probabilities[labels.indexOf(of ?? '')];
    case undefined:
      return undefined;
  }
}

/** The figures that a recipe's rules compare, each once, in the order of the rules. */
export function figuresAsked(recipe: Recipe): ReadonlySet<RecipeFigure> {
  const asked = new Set<RecipeFigure>();
  for (const { when } of recipe.rules ?? [])
    for (const { figure } of comparisonsIn(when)) if (figure !== undefined) asked.add(figure);
  return asked;
}

export function comparisonsIn(condition: RecipeCondition): RecipeComparison[] {
  const { all = [], any = [], not } = condition;
  if (condition.figure !== undefined) return [condition];
  return [...all, ...any, ...(not === undefined ? [] : [not])].flatMap(comparisonsIn);
}

function colourShare(
  hues: readonly number[] | undefined,
  colour: { readonly fromHue: number; readonly toHue: number } | undefined,
): number | undefined {
  if (hues === undefined || colour === undefined) return undefined;
  let sum = 0;
  for (let bin = 0; bin < hueBins; bin++) {
    const hue = hueFrom + bin * hueStep;
    if (hue >= colour.fromHue && hue < colour.toHue) sum += hues[bin] ?? 0;
  }
  return Math.min(1, sum / 1000);
}
