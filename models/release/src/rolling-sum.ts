/**
 * The weak sum of rsync, unsigned 32 bits: the sum of the bytes in the lower half; in the upper, the sum in which the first byte
 * counts as often as there are bytes and the last once. Both modulo 65,536.
 */
export function rollingSum(data: Uint8Array): number {
  let low = 0;
  let high = 0;
  // By index: an iterator is ten times slower, and this runs over every byte of a release.
  for (let i = 0; i < data.length; i++) {
    low = (low + data[i]!) & 0xffff;
    high = (high + low) & 0xffff;
  }
  return ((high << 16) | low) >>> 0;
}
