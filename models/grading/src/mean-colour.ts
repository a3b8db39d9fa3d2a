import { sumColours } from './kernel.ts';

/** Mean sRGB, 0..255, of a crop, uint8 [size, size, 3] from `offset`; black is what was masked out. Every 4th pixel counts. */
export function meanColour(crops: Uint8Array, offset: number, size: number): [number, number, number] {
  const { red, green, blue, count } = sumColours(crops, offset, size * size);
  return count === 0 ? [0, 0, 0] : [red / count, green / count, blue / count];
}
