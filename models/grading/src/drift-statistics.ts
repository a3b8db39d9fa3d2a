/**
 * What is counted of each fruit to see drift, and in which bins. The bins are the same for every release and station, so
 * that windows of all of them add up exactly; they cover what an apple on a belt can be like, not what one data set had.
 */
import { binCount, binOf } from './histogram.ts';

export interface DriftStatisticRow {
  readonly name: string;
  /** 15 inner edges of the 16 bins; the first and the last bin are open. */
  readonly edges: readonly number[];
}

/** Of `driftStatisticTable`; it changes with any edge, and windows of different versions are not compared. */
export const driftEdgesVersion = 1;

/** Units as in `ViewFeatures`, size in millimetres, entropy in nats. Where values crowd together the bins are narrow. */
export const driftStatisticTable = [
  { name: 'luma', edges: steps(16, 16) },
  { name: 'red', edges: steps(16, 16) },
  { name: 'green', edges: steps(16, 16) },
  { name: 'blue', edges: steps(16, 16) },
  { name: 'saturation', edges: steps(1 / 16, 1 / 16) },
  { name: 'hue', edges: steps(-20, 10) },
  { name: 'sharpness', edges: factors(8, Math.SQRT2) },
  { name: 'clipped', edges: factors(0.001, 1.5) },
  { name: 'size', edges: steps(40, 5) },
  {
    name: 'topProbability',
    edges: [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995],
  },
  {
    name: 'entropy',
    edges: [0.02, 0.04, 0.07, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  },
] as const satisfies readonly DriftStatisticRow[];

export type CountedStatistic = (typeof driftStatisticTable)[number]['name'];

/** Counts fruit in the bins of the table; whole numbers, so that two counters add up to that of both. */
export class DriftCounter {
  readonly #counts = new Map<CountedStatistic, number[]>(
    driftStatisticTable.map(({ name }) => [name, new Array<number>(binCount).fill(0)]),
  );

  add(values: Readonly<Record<CountedStatistic, number>>): void {
    for (const { name, edges } of driftStatisticTable) this.#counts.get(name)![binOf(edges, values[name])]!++;
  }

  histograms(): { name: CountedStatistic; counts: number[] }[] {
    return [...this.#counts].map(([name, counts]) => ({ name, counts: [...counts] }));
  }
}

/** In nats; 0 for a certain one. */
export function entropyOf(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0);
}

function steps(from: number, by: number): number[] {
  return Array.from({ length: binCount - 1 }, (_, k) => from + k * by);
}

function factors(from: number, by: number): number[] {
  return Array.from({ length: binCount - 1 }, (_, k) => from * by ** k);
}
