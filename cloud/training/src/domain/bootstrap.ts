import { type Random, randomInt, seededRandom } from '@pomona/wire';
import { type ConfusionFigures, confusionFigures } from './confusion-metrics.ts';
import { groupBy } from './group-by.ts';

/** Of 95 %. */
export type Interval = [number, number];

export interface FigureIntervals {
  readonly accuracy: Interval;
  readonly balancedAccuracy: Interval;
  readonly macroF1: Interval;
  /** By label; undefined where too few resamples have the figure. */
  readonly precision: readonly (Interval | undefined)[];
  readonly recall: readonly (Interval | undefined)[];
}

interface ResampledCase {
  readonly label: number;
  readonly predicted: number;
  readonly group: string;
}

const resamples = 400;
const groupsMin = 10;
const tail = 0.025;

/**
 * Percentile intervals by bootstrap (Efron and Tibshirani 1993, chapter 13). Images of a session are alike, so that whole
 * groups are drawn where there are enough of them; with fewer, single cases, and the interval says nothing of new groups.
 */
export function figureIntervals(cases: readonly ResampledCase[], labelCount: number): FigureIntervals {
  const random = seededRandom(1, 'bootstrap');
  const units = unitsOf(cases, labelCount);
  const drawn = Array.from({ length: resamples }, () =>
    confusionFigures(resampled(units, labelCount, random)),
  );
  const of = (figure: (figures: ConfusionFigures) => number | null): Interval | undefined =>
    intervalOf(drawn.map(figure).filter((value) => value !== null));
  const labels = Array.from({ length: labelCount }, (_, at) => at);
  return {
    accuracy: of(({ accuracy }) => accuracy)!,
    balancedAccuracy: of(({ balancedAccuracy }) => balancedAccuracy)!,
    macroF1: of(({ macroF1 }) => macroF1)!,
    precision: labels.map((at) => of(({ perClass }) => perClass[at]!.precision)),
    recall: labels.map((at) => of(({ perClass }) => perClass[at]!.recall)),
  };
}

/** The upper end of the 95 % interval of the mean of a figure of every case, drawn as above; null without cases. */
export function meanUpperBound(
  cases: readonly { readonly value: number; readonly group: string }[],
): number | null {
  if (cases.length === 0) return null;
  const random = seededRandom(1, 'bootstrap of a mean');
  const groups = groupBy(cases, ({ group }) => group);
  const members = groups.size >= groupsMin ? [...groups.values()] : cases.map((each) => [each]);
  const units = members.map((unit) => ({
    total: unit.reduce((sum, { value }) => sum + value, 0),
    count: unit.length,
  }));
  const means = Array.from({ length: resamples }, () => {
    let [total, count] = [0, 0];
    for (let i = 0; i < units.length; i++) {
      const unit = units[randomInt(random, units.length)]!;
      total += unit.total;
      count += unit.count;
    }
    return total / count;
  });
  return intervalOf(means)![1];
}

/** What is drawn as a whole: which cells of the confusion matrix its cases are in, truth · labels + predicted, and how many. */
interface Unit {
  readonly cells: readonly number[];
  readonly counts: readonly number[];
}

function unitsOf(cases: readonly ResampledCase[], labelCount: number): readonly Unit[] {
  return casesDrawnTogether(cases).map((members) => {
    const counts = new Map<number, number>();
    for (const { label, predicted } of members) {
      const cell = label * labelCount + predicted;
      counts.set(cell, (counts.get(cell) ?? 0) + 1);
    }
    return { cells: [...counts.keys()], counts: [...counts.values()] };
  });
}

function resampled(units: readonly Unit[], labelCount: number, random: Random): number[][] {
  const confusion = new Array<number>(labelCount ** 2).fill(0);
  for (let i = 0; i < units.length; i++) {
    const { cells, counts } = units[randomInt(random, units.length)]!;
    for (let at = 0; at < cells.length; at++) confusion[cells[at]!]! += counts[at]!;
  }
  return Array.from({ length: labelCount }, (_, label) =>
    confusion.slice(label * labelCount, (label + 1) * labelCount),
  );
}

/** Whole groups where there are enough of them, else single cases. */
export function casesDrawnTogether<T extends { readonly group: string }>(
  cases: readonly T[],
): readonly (readonly T[])[] {
  const groups = groupBy(cases, ({ group }) => group);
  return groups.size >= groupsMin ? [...groups.values()] : cases.map((each) => [each]);
}

/** Of so many units, which are drawn in each resample. */
export function drawsOf(unitCount: number): readonly (readonly number[])[] {
  const random = seededRandom(1, 'bootstrap');
  return Array.from({ length: resamples }, () =>
    Array.from({ length: unitCount }, () => randomInt(random, unitCount)),
  );
}

export function intervalOf(values: number[]): Interval | undefined {
  if (values.length < resamples / 2) return undefined;
  values.sort((a, b) => a - b);
  return [values[Math.floor(tail * values.length)]!, values[Math.ceil((1 - tail) * values.length) - 1]!];
}
