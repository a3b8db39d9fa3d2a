/**
 * Histograms that merge exactly: counts are whole numbers over edges that everybody has, so those of two windows, lots or
 * stations add up to that of both together.
 */
export const binCount = 16;

/** The bin of a value, 0..edges.length; `edges` ascending, a value on an edge belongs to the bin above it. */
export function binOf(edges: ArrayLike<number>, value: number): number {
  let bin = 0;
  while (bin < edges.length && value >= edges[bin]!) bin++;
  return bin;
}

/** The histogram of both together. Throws `RangeError` when they have different numbers of bins. */
export function mergeHistograms(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`histograms of ${a.length} and ${b.length} bins`);
  return a.map((count, bin) => count + b[bin]!);
}
