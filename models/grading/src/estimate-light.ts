/**
 * The colour of the light in a picture, by what surrounds the fruit: that is taken for grey in the median, channel by channel (grey world, of the
 * background alone). The fruit has no say: its colour is what is to be graded. Beside a fruit lies its shadow and what it mirrors, so a
 * margin around it has none either. What nobody found, a leaf, a hand, a fruit of which the picture's edge cuts off most, is a small part of the
 * surroundings, which the median hardly heeds: norms that favour what is bright (shades of grey) are led astray by it on a dark belt.
 *
 * Counts and quotients: the same bits on every processor.
 */
import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';

/** Every fourth pixel of every fourth row says enough. */
const stepPx = 4;
/** Of the fruit's larger radius. */
const marginShare = 1.15;
/** What is brighter in any channel may be cut off there, and has lost its colour. */
const clippedAt = 250;
/** Fewer pixels are no picture of the light, as are darker ones. */
const pixelsMin = 64;
const lightMin = 12;
const levels = 256;

export type Light = readonly [red: number, green: number, blue: number];

/** Pixels by their values, [3, 256]; the same for every picture. */
const counts = new Uint32Array(3 * levels);

/** sRGB 0..255, as in the picture; undefined where too little can be seen of it. */
export function estimateLight(
  { data, width, height }: Frame,
  fruit: readonly Pick<FruitBlob, 'xPx' | 'yPx' | 'semiMajorPx'>[],
): Light | undefined {
  const columns = Math.ceil(width / stepPx);
  const isFruit = new Uint8Array(columns);
  let pixels = 0;
  counts.fill(0);
  for (let y = stepPx >> 1; y < height; y += stepPx) {
    isFruit.fill(0);
    for (const { xPx, yPx, semiMajorPx } of fruit) {
      const half2 = (marginShare * semiMajorPx) ** 2 - (y + 0.5 - yPx) ** 2;
      if (half2 <= 0) continue;
      const half = Math.sqrt(half2);
      const from = Math.max(0, Math.floor((xPx - half) / stepPx));
      const to = Math.max(0, Math.ceil((xPx + half) / stepPx));
      isFruit.fill(1, from, to);
    }
    for (let column = 0, at = y * width * 3; column < columns; column++, at += stepPx * 3) {
      if (isFruit[column] === 1) continue;
      const red = data[at]!;
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      if (Math.max(red, green, blue) >= clippedAt) continue;
      counts[red]! += 1;
      counts[levels + green]! += 1;
      counts[2 * levels + blue]! += 1;
      pixels++;
    }
  }
  if (pixels < pixelsMin) return undefined;
  const light = [medianOf(0, pixels), medianOf(1, pixels), medianOf(2, pixels)] as const;
  return Math.max(...light) < lightMin ? undefined : light;
}

/** The angle between a colour and grey; black has none. */
export function castDegreesOf([red, green, blue]: Light): number {
  const length = Math.hypot(red, green, blue);
  if (length === 0) return 0;
  return (Math.acos(Math.min(1, (red + green + blue) / (Math.sqrt(3) * length))) * 180) / Math.PI;
}

/** Between the values: those of a channel count as spread evenly over their level, or a dark belt would have few colours. */
function medianOf(channel: number, pixels: number): number {
  let below = 0;
  for (let value = 0; value < levels; value++) {
    const here = counts[channel * levels + value]!;
    if (here > 0 && below + here >= pixels / 2) return Math.max(0, value - 0.5 + (pixels / 2 - below) / here);
    below += here;
  }
  return levels - 1;
}
