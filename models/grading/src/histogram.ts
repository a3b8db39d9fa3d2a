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

/**
 * The inner edges by which `values` fall into `bins` bins about equally often. Values that come often may make fewer
 * edges; infinities are left out. Empty for no values: then all is one bin.
 */
export function quantileEdges(values: readonly number[], bins = binCount): number[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const edges: number[] = [];
  for (let k = 1; k < bins; k++) {
    const edge = sorted[Math.floor((k * sorted.length) / bins)];
    if (edge !== undefined && edge > (edges.at(-1) ?? sorted[0]!)) edges.push(edge);
  }
  return edges;
}

/** One count per bin: `edges.length + 1` of them. */
export function histogramOf(edges: ArrayLike<number>, values: Iterable<number>): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) counts[binOf(edges, value)]!++;
  return counts;
}

/** The histogram of both together. Throws `RangeError` when they have different numbers of bins. */
export function mergeHistograms(a: readonly number[], b: readonly number[]): number[] {
  if (a.length !== b.length) throw new RangeError(`histograms of ${a.length} and ${b.length} bins`);
  return a.map((count, bin) => count + b[bin]!);
}
