/** Weights of a recipe's fusion, learned from fruit whose grade is known. */
import type { RecipeFusion } from '@pomona/wire';
import type { FruitAreas } from './area-limits.ts';
import { fitAreas } from './fit-areas.ts';
import { fitCalibration } from './fit-calibration.ts';
import { fuseByRecipe, weightedLogs } from './fuse-by-recipe.ts';
import type { ViewProbabilities } from './fuse-views.ts';

export interface KnownFruit {
  /** Index of its true label. */
  readonly label: number;
  readonly views: readonly ViewProbabilities[];
  /** Where its network draws a map of defects. */
  readonly areas?: FruitAreas | undefined;
}

const partsMax = 4;
/** The worst view, the best one and what is between them. */
const ranksMax = 8;
const shares = [0, 0.25, 0.5, 0.75, 1] as const;
const certainties = [0, 0.5, 1, 2, 3, 4, 6, 8] as const;
/** Of the loss, for one change and for all of them: what gains less is not worth a setting. */
const gainMin = 0.002;
const gainInAllMin = 0.02;
/**
 * Of the sum of all fruits' losses, for each setting: a setting that means nothing gains 0.5 on the mean by the luck of these fruits
 * (Akaike 1974), and of many that are tried one gains more.
 */
const gainByLuck = 2;
/** The same of settings that nothing was chosen among: by the same criterion. */
const gainOfOneTry = 1;
/** Below this a probability counts the same: one fruit must not decide. */
const probabilityMin = 1e-4;

interface Weights {
  readonly byPosition: readonly number[];
  /** Of the worst view, those between, and the best one. */
  readonly ends: readonly number[];
  readonly certainty: number;
}

/**
 * How the fruits' grades are likeliest: how much each view counts, and what the areas of defects say beside them. Undefined where all views
 * counting alike is as good.
 */
export function fitFusion(fruits: readonly KnownFruit[]): RecipeFusion | undefined {
  const weighing = fitWeights(fruits);
  const joined = joinAreas(weighing ?? { method: 'weights' }, fruits);
  if (joined === undefined) return weighing;
  const loss = fusionLoss(weighing, fruits);
  const least = gainLeast(loss, settingsOf(joined) * gainOfOneTry, fruits);
  return loss - fusionLoss(joined, fruits) > least ? joined : weighing;
}

/** Undefined where not all areas were measured, or some label has no fruit. */
function joinAreas(weighing: RecipeFusion, fruits: readonly KnownFruit[]): RecipeFusion | undefined {
  const cases = fruits.flatMap(({ views, label, areas }) =>
    areas === undefined ? [] : [{ logs: weightedLogs(weighing, views), areas, label }],
  );
  const isMeasured = cases.length === fruits.length;
  return isMeasured && hasAllLabels(cases) ? fitAreas(weighing, cases) : undefined;
}

function settingsOf({ areas }: RecipeFusion): number {
  return areas === undefined ? 0 : 2 + 2 * (areas.defect.length + (areas.rot === undefined ? 0 : 1));
}

/** `sum` is what the fruits' losses must gain together. */
function gainLeast(loss: number, sum: number, fruits: readonly KnownFruit[]): number {
  return Math.max(gainInAllMin * loss, sum / fruits.length);
}

function hasAllLabels(
  cases: readonly { readonly logs: readonly number[]; readonly label: number }[],
): boolean {
  return new Set(cases.map(({ label }) => label)).size >= (cases[0]?.logs.length ?? Number.POSITIVE_INFINITY);
}

/**
 * Which part of the way counts, how much the worst and the best view do, how sure a view must be, and where the limits then lie. One setting
 * after the other is tried while that helps.
 */
function fitWeights(fruits: readonly KnownFruit[]): RecipeFusion | undefined {
  const viewsLeast = Math.min(...fruits.map(({ views }) => views.length));
  const parts = Math.min(partsMax, viewsLeast);
  const ranks = viewsLeast < 3 ? 1 : Math.min(ranksMax, viewsLeast);
  let best: Weights = { byPosition: new Array<number>(parts).fill(1), ends: [1, 1, 1], certainty: 0 };
  let fusion = fittedTo(fruits, best, ranks);
  let loss = fusionLoss(fusion, fruits);
  const consider = (next: Weights): void => {
    // Weights are relative: one of them stays whole.
    if (Math.max(...next.byPosition) < 1 || Math.max(...next.ends) < 1) return;
    const nextFusion = fittedTo(fruits, next, ranks);
    const nextLoss = fusionLoss(nextFusion, fruits);
    if (loss - nextLoss < Math.max(gainMin * loss, gainByLuck / fruits.length)) return;
    best = next;
    fusion = nextFusion;
    loss = nextLoss;
  };
  for (let before = Number.POSITIVE_INFINITY; loss < before; ) {
    before = loss;
    for (const certainty of certainties) consider({ ...best, certainty });
    for (const share of shares) {
      for (let part = 0; part < parts; part++)
        consider({ ...best, byPosition: best.byPosition.with(part, share) });
      if (ranks > 1) for (const end of [0, 1, 2]) consider({ ...best, ends: best.ends.with(end, share) });
    }
  }
  const alike = fusionLoss(undefined, fruits);
  return alike - loss > gainLeast(alike, gainByLuck * (fusion.shift?.length ?? 0), fruits)
    ? fusion
    : undefined;
}

/** These weights, with the scale and the shifts that suit them best; without, where some label has no fruit or they would turn the order around. */
function fittedTo(fruits: readonly KnownFruit[], weights: Weights, ranks: number): RecipeFusion {
  const { byPosition, ends, certainty } = weights;
  const [worst, between, best] = ends as [number, number, number];
  const byBadness = ranks === 1 ? [1] : [worst, ...new Array<number>(ranks - 2).fill(between), best];
  const fusion: RecipeFusion = { method: 'weights', byPosition: [...byPosition], byBadness, certainty };
  const cases = fruits.map(({ views, label }) => ({ logs: weightedLogs(fusion, views), label }));
  if (!hasAllLabels(cases)) return fusion;
  const { scale, shift } = fitCalibration(
    cases.map(({ logs, label }) => ({ logits: logs, label })),
    new Array(cases.length).fill(1 / cases.length),
    cases[0]!.logs.length,
  );
  const isWithin =
    scale >= scaleMin && scale <= scaleMax && shift.every((each) => Math.abs(each) <= shiftMax);
  if (!isWithin) return fusion;
  return { ...fusion, scale: rounded(scale), shift: shift.map(rounded) };
}

/** Beyond these a recipe does not take it. */
const scaleMin = 0.01;
const scaleMax = 100;
const shiftMax = 100;

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4 || 0;
}

/** Mean of what the true labels' probabilities lack, as -ln(p); of at least one fruit. */
export function fusionLoss(fusion: RecipeFusion | undefined, fruits: readonly KnownFruit[]): number {
  const losses = fruits.map(({ views, label, areas }) =>
    Math.log(Math.max(probabilityMin, fuseByRecipe(fusion, views, areas)[label]!)),
  );
  return -losses.reduce((sum, each) => sum + each, 0) / losses.length;
}
