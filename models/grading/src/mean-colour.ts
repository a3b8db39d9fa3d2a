import { sumColours } from './kernel.ts';

/** Writes the mean sRGB, 0..255, of a crop, uint8 [size, size, 3] from `offset`, to `out`; black is what was masked out. Every 4th pixel counts. */
export function meanColour(
  crops: Uint8Array,
  offset: number,
  size: number,
  out: [number, number, number] = [0, 0, 0],
): [number, number, number] {
  const sums = sumColours(crops, offset, size * size);
  const count = sums[3]!;
  for (let c = 0; c < 3; c++) out[c] = count === 0 ? 0 : sums[c]! / count;
  return out;
}
