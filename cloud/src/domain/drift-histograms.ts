/** How far two histograms over the same bins are apart, and what they say of the values behind them. */
import { mergeHistograms } from '@pomona/grading';

type Counts = readonly number[];

/**
 * Population stability index. Both shares are raised by half a fruit of the smaller histogram, so that a bin that is
 * empty in one is not infinitely far away, and one that is empty in both says nothing. 0 when either counts nothing.
 */
export function psiOf(a: Counts, b: Counts, raisedBy = 0.5 / Math.min(sumOf(a), sumOf(b))): number {
  const [p, q] = [sharesOf(a, raisedBy), sharesOf(b, raisedBy)];
  return p.reduce((sum, share, k) => sum + (q[k]! - share) * Math.log(q[k]! / share), 0);
}

/** Jensen-Shannon divergence in bits: 0 for the same shares, 1 for shares that have no bin in common. */
export function jensenShannonOf(a: Counts, b: Counts): number {
  const [p, q] = [sharesOf(a, 0), sharesOf(b, 0)];
  return p.reduce((sum, share, k) => {
    const middle = (share + q[k]!) / 2;
    return sum + (part(share, middle) + part(q[k]!, middle)) / 2;
  }, 0);
}

export function addCounts(all: readonly Counts[]): number[] {
  const [first = [], ...others] = all;
  return others.reduce<number[]>((sum, counts) => mergeHistograms(sum, counts), [...first]);
}

export function sumOf(counts: Counts): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Below which value a share of what was counted lies, by a straight line inside its bin; the open bins at the ends are
 * taken to be as wide as their neighbours. `edges` are the inner ones.
 */
export function quantileOf(edges: readonly number[], counts: Counts, share: number): number {
  const wanted = share * sumOf(counts);
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    if (count > 0 && below + count >= wanted) {
      const first = edges[0]! - (edges[1]! - edges[0]!);
      const last = 2 * edges.at(-1)! - edges.at(-2)!;
      const from = bin === 0 ? first : edges[bin - 1]!;
      return from + ((edges[bin] ?? last) - from) * ((wanted - below) / count);
    }
    below += count;
  }
  return 0;
}

function sharesOf(counts: Counts, raisedBy: number): number[] {
  const total = sumOf(counts);
  if (total === 0 || !Number.isFinite(raisedBy)) return counts.map(() => 1 / counts.length);
  return counts.map((count) => (count / total + raisedBy) / (1 + raisedBy * counts.length));
}

function part(share: number, middle: number): number {
  return share === 0 ? 0 : share * Math.log2(share / middle);
}
