/** What `alignInOrder` works in; grows to the largest lists that were seen. */
let best = new Float64Array(256);

/**
 * Pairs two ascending lists of positions, the first `aCount` and `bCount` numbers of `a` and `b`, without crossings: fruit in a lane never
 * overtake. The pairs are those with the largest total closeness, `reach[i] − |a[i] − b[j]|`; farther apart than `reach[i]` is no pair.
 *
 * Writes for each of `b` the index in `a`, or −1, to `partner`. Longest-common-subsequence table, O(a·b); a lane shows few fruits.
 */
export function alignInOrder(
  a: Float64Array,
  aCount: number,
  b: Float64Array,
  bCount: number,
  reach: Float64Array,
  partner: Int32Array,
): void {
  const width = bCount + 1;
  const size = (aCount + 1) * width;
  if (best.length < size) best = new Float64Array(2 * size);
  for (let j = 0; j <= bCount; j++) best[aCount * width + j] = 0;
  for (let i = aCount - 1; i >= 0; i--) {
    best[i * width + bCount] = 0;
    for (let j = bCount - 1; j >= 0; j--) {
      const skip = Math.max(best[(i + 1) * width + j]!, best[i * width + j + 1]!);
      const closeness = reach[i]! - Math.abs(a[i]! - b[j]!);
      const pair = closeness > 0 ? closeness + best[(i + 1) * width + j + 1]! : 0;
      best[i * width + j] = Math.max(skip, pair);
    }
  }
  for (let j = 0; j < bCount; j++) partner[j] = -1;
  for (let i = 0, j = 0; i < aCount && j < bCount; ) {
    const here = best[i * width + j]!;
    if (here === best[(i + 1) * width + j]!) i++;
    else if (here === best[i * width + j + 1]!) j++;
    else partner[j++] = i++;
  }
}
