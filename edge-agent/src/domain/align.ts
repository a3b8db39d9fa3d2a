/**
 * Pairs two ascending lists of positions without crossings: fruit in a lane never overtake. The pairs are those with
 * the largest total closeness, `reach(i) − |a[i] − b[j]|`; farther apart than `reach(i)` is no pair.
 *
 * Returns for each of `b` the index in `a`, or −1. Longest-common-subsequence table, O(a·b); a lane shows few fruits.
 */
export function alignInOrder(
  a: readonly number[],
  b: readonly number[],
  reach: (index: number) => number,
): Int32Array {
  const width = b.length + 1;
  const best = new Float64Array((a.length + 1) * width);
  const closeness = (i: number, j: number): number => reach(i) - Math.abs(a[i]! - b[j]!);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skip = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
      const pair = closeness(i, j) > 0 ? closeness(i, j) + best[(i + 1) * width + j + 1]! : 0;
      best[i * width + j] = Math.max(skip, pair);
    }
  }
  const partner = new Int32Array(b.length).fill(-1);
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const here = best[i * width + j]!;
    if (here === best[(i + 1) * width + j]!) i++;
    else if (here === best[i * width + j + 1]!) j++;
    else partner[j++] = i++;
  }
  return partner;
}
