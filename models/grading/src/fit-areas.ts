import type { RecipeFusion } from '@pomona/wire';
import type { FruitAreas } from './area-limits.ts';
import { withAreas } from './fuse-by-recipe.ts';
import { softmax } from './fuse-views.ts';

export interface MeasuredCase {
  /** What the recipe's weights make of its views, before scale and shifts. */
  readonly logs: readonly number[];
  readonly areas: FruitAreas;
  /** Index of its true label. */
  readonly label: number;
}

const usualSteepness = 6;
/** What a factor of e between a limit's steepness and the usual one costs, as a fruit's -ln p: few fruits lie near a limit. */
const steepnessCost = 1;
/** Steps of the search, of logarithms. */
const stepFirst = 0.4;
const stepMin = 0.005;
const roundsMax = 400;
/** Below this a probability counts the same: one fruit must not decide. */
const probabilityMin = 1e-4;
/** A share above 0, for its logarithm. */
const shareMin = 1e-4;

/** Logarithms of how much the views and the areas count, and of each limit's place and steepness. */
type Numbers = readonly number[];

/**
 * The weighing with limits on the areas of defects beside it under which the fruits' grades are likeliest. Where its own limits lie
 * relative to each other stays: with shifts of their own, limits of areas would have no place. Every number is moved up and down by steps
 * that shorten (Hooke and Jeeves 1961). Of each label there is a fruit.
 */
export function fitAreas(weighing: RecipeFusion, cases: readonly MeasuredCase[]): RecipeFusion {
  const labels = cases[0]!.logs.length;
  const fusionOf = (numbers: Numbers): RecipeFusion => fusionBy(weighing, numbers);
  const lossOf = (numbers: Numbers): number => lossBy(fusionOf(numbers), cases);
  let numbers = firstNumbers(cases, labels);
  let loss = lossOf(numbers);
  const steps = numbers.map(() => stepFirst);
  for (let round = 0; round < roundsMax && Math.max(...steps.map(Math.abs)) > stepMin; round++) {
    for (let at = 0; at < numbers.length; at++) {
      const tried = [steps[at]!, -steps[at]!].map((step) => {
        const moved = numbers.with(at, numbers[at]! + step);
        return { moved, step, loss: lossOf(moved) };
      });
      const better = tried.find((each) => each.loss < loss);
      // The way that helped is tried first, and further, the next time.
      steps[at] = better === undefined ? steps[at]! / 2 : better.step * 1.3;
      if (better !== undefined) ({ moved: numbers, loss } = better);
    }
  }
  return fusionOf(numbers);
}

/** Limits where the labels part best, and half of what is known by each way. */
function firstNumbers(cases: readonly MeasuredCase[], labels: number): Numbers {
  const defect = Array.from({ length: labels - 1 }, (_, better) =>
    bestLimit(cases, ({ areas, label }) => ({ share: areas.defectShare, isWorse: label > better })),
  );
  const rot = bestLimit(cases, ({ areas, label }) => ({
    share: areas.rotShare,
    isWorse: label === labels - 1,
  }));
  const limits = [...defect, rot].flatMap((at) => [Math.log(at), Math.log(usualSteepness)]);
  return [Math.log(0.5), Math.log(0.5), ...limits];
}

/** The share that leaves fewest fruits on the wrong side. */
function bestLimit(
  cases: readonly MeasuredCase[],
  of: (each: MeasuredCase) => { readonly share: number; readonly isWorse: boolean },
): number {
  const sorted = cases.map(of).sort((a, b) => a.share - b.share);
  let wrong = sorted.filter(({ isWorse }) => !isWorse).length;
  let least = wrong;
  let limit = shareMin;
  sorted.forEach(({ share, isWorse }, at) => {
    wrong += isWorse ? 1 : -1;
    if (wrong > least) return;
    least = wrong;
    limit = Math.sqrt(Math.max(share, shareMin) * Math.max(sorted[at + 1]?.share ?? share, shareMin));
  });
  return limit;
}

function fusionBy(weighing: RecipeFusion, numbers: Numbers): RecipeFusion {
  const [ofViews, weight, ...places] = numbers.map(Math.exp) as [number, number, ...number[]];
  const limits = Array.from({ length: places.length / 2 }, (_, i) => ({
    at: within(places[2 * i]!, 1e-5, 1),
    steepness: within(places[2 * i + 1]!, 0.1, 100),
  }));
  const { scale = 1, shift } = weighing;
  return {
    ...weighing,
    scale: within(ofViews * scale, 0.01, 100),
    ...(shift === undefined ? {} : { shift: shift.map((each) => within(ofViews * each, -100, 100)) }),
    areas: { weight: within(weight, 0, 10), defect: limits.slice(0, -1), rot: limits.at(-1)! },
  };
}

/** As a recipe takes it, by six digits at most. */
function within(value: number, least: number, most: number): number {
  return Number(Math.min(most, Math.max(least, value)).toPrecision(6));
}

function lossBy(fusion: RecipeFusion, cases: readonly MeasuredCase[]): number {
  const { defect, rot } = fusion.areas!;
  // A worse label begins at a larger share.
  if (defect.some(({ at }, i) => i > 0 && at <= defect[i - 1]!.at)) return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const { steepness } of rot === undefined ? defect : [...defect, rot])
    sum += steepnessCost * Math.log(steepness / usualSteepness) ** 2;
  for (const { logs, areas, label } of cases)
    sum -= Math.log(Math.max(probabilityMin, softmax(withAreas(fusion, logs, areas))[label]!));
  return sum / cases.length;
}
