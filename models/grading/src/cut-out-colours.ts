import { randomInt, seededRandom } from '@pomona/wire';
import type { SearchImage } from './cut-out-image.ts';

export const paletteSize = 24;
const rounds = 6;
const samplesMax = 3000;

/** The nearest of `paletteSize` colours for every pixel and for what lies beyond, by k-means over the picture's own colours. */
export function indexColours(image: SearchImage): Uint8Array {
  const { lab } = image;
  const pixels = image.width * image.height;
  const step = Math.max(1, Math.floor(pixels / samplesMax));
  const samples: number[] = [];
  for (let i = 0; i < pixels; i += step) samples.push(i);
  const palette = startPalette(lab, samples);
  const sums = new Float64Array(paletteSize * 4);
  for (let round = 0; round < rounds; round++) {
    sums.fill(0);
    for (const pixel of samples) {
      const colour = nearest(palette, lab, pixel * 3);
      for (let c = 0; c < 3; c++) sums[colour * 4 + c]! += lab[pixel * 3 + c]!;
      sums[colour * 4 + 3]! += 1;
    }
    for (let k = 0; k < paletteSize; k++) {
      const count = sums[k * 4 + 3]!;
      if (count > 0) for (let c = 0; c < 3; c++) palette[k * 3 + c] = sums[k * 4 + c]! / count;
    }
  }
  const indices = new Uint8Array(pixels + 1);
  for (let i = 0; i <= pixels; i++) indices[i] = nearest(palette, lab, i * 3);
  return indices;
}

/** k-means++: each next colour is drawn with the square of its distance to those before (Arthur and Vassilvitskii 2007). */
function startPalette(lab: Float32Array, samples: readonly number[]): Float32Array {
  // The same picture must give the same crop, so chance is fixed here.
  const random = seededRandom(1, 'cut-out');
  const palette = new Float32Array(paletteSize * 3);
  const distances = new Float64Array(samples.length).fill(Number.POSITIVE_INFINITY);
  let chosen = samples[randomInt(random, samples.length)]!;
  for (let k = 0; k < paletteSize; k++) {
    for (let c = 0; c < 3; c++) palette[k * 3 + c] = lab[chosen * 3 + c]!;
    let total = 0;
    for (let i = 0; i < samples.length; i++) {
      distances[i] = Math.min(distances[i]!, squaredDistance(palette, k * 3, lab, samples[i]! * 3));
      total += distances[i]!;
    }
    let left = random.next() * total;
    let i = 0;
    while (i < samples.length - 1 && left > distances[i]!) left -= distances[i++]!;
    chosen = samples[i]!;
  }
  return palette;
}

function nearest(palette: Float32Array, lab: Float32Array, at: number): number {
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let k = 0; k < paletteSize; k++) {
    const distance = squaredDistance(palette, k * 3, lab, at);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = k;
    }
  }
  return best;
}

function squaredDistance(a: Float32Array, i: number, b: Float32Array, j: number): number {
  const d0 = a[i]! - b[j]!;
  const d1 = a[i + 1]! - b[j + 1]!;
  const d2 = a[i + 2]! - b[j + 2]!;
  return d0 * d0 + d1 * d1 + d2 * d2;
}
