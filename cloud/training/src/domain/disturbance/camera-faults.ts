/** What lens, light and sensor do to a crop, uint8 [3, size, size]. The masked background stays as it is. */
import { type Random, randomBetween, randomInt, randomNormal, seededRandom } from '@pomona/wire';

/** A Gaussian of this deviation, pixels, over what is fruit: the mask's black does not creep into its edge. `sums` holds 4 planes. */
export function blurCrop(
  pixels: Uint8Array,
  mask: Uint8Array,
  sums: Float32Array,
  size: number,
  deviation: number,
): void {
  const radius = Math.ceil(2 * deviation);
  const taps = Float32Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * deviation ** 2)),
  );
  const plane = size * size;
  // Along the rows into the sums, whose last plane counts how much of it was fruit; then along the columns.
  for (let at = 0; at < plane; at++) {
    const column = at % size;
    let [red, green, blue, weight] = [0, 0, 0, 0];
    const last = Math.min(radius, size - 1 - column);
    for (let step = -Math.min(radius, column); step <= last; step++) {
      if (mask[at + step] === 0) continue;
      const tap = taps[step + radius]!;
      red += tap * pixels[at + step]!;
      green += tap * pixels[plane + at + step]!;
      blue += tap * pixels[2 * plane + at + step]!;
      weight += tap;
    }
    sums[at] = red;
    sums[plane + at] = green;
    sums[2 * plane + at] = blue;
    sums[3 * plane + at] = weight;
  }
  for (let at = 0; at < plane; at++) {
    if (mask[at] === 0) continue;
    const row = Math.floor(at / size);
    let [red, green, blue, weight] = [0, 0, 0, 0];
    const last = Math.min(radius, size - 1 - row);
    for (let step = -Math.min(radius, row); step <= last; step++) {
      const from = at + step * size;
      const tap = taps[step + radius]!;
      red += tap * sums[from]!;
      green += tap * sums[plane + from]!;
      blue += tap * sums[2 * plane + from]!;
      weight += tap * sums[3 * plane + from]!;
    }
    pixels[at] = lit(red / weight);
    pixels[plane + at] = lit(green / weight);
    pixels[2 * plane + at] = lit(blue / weight);
  }
}

/** A power of two of them, enough that no crop shows them twice in the same places: where in them a crop begins is random. */
const normals = (() => {
  const random = seededRandom(1, 'sensor noise');
  return Float32Array.from({ length: 65_536 }, () => randomNormal(random));
})();

export function addNoise(pixels: Uint8Array, mask: Uint8Array, deviation: number, random: Random): void {
  const begin = randomInt(random, normals.length);
  const wrap = normals.length - 1;
  const plane = mask.length;
  for (let channel = 0; channel < 3; channel++) {
    for (let at = 0, to = channel * plane; at < plane; at++, to++) {
      if (mask[at] === 1) pixels[to] = lit(pixels[to]! + deviation * normals[(begin + to) & wrap]!);
    }
  }
}

/** A soft spot of a lamp or a window somewhere on the fruit; `strength` of white in its middle. */
export function addHighlight(
  pixels: Uint8Array,
  mask: Uint8Array,
  size: number,
  strength: number,
  random: Random,
): void {
  const middleX = randomBetween(random, 0.2, 0.8) * size;
  const middleY = randomBetween(random, 0.2, 0.8) * size;
  const across = randomBetween(random, 0.03, 0.12) * size;
  const down = randomBetween(random, 0.03, 0.12) * size;
  const plane = size * size;
  const rows = [Math.max(0, Math.floor(middleY - 3 * down)), Math.min(size - 1, middleY + 3 * down)] as const;
  const columns = [
    Math.max(0, Math.floor(middleX - 3 * across)),
    Math.min(size - 1, middleX + 3 * across),
  ] as const;
  for (let row = rows[0]; row <= rows[1]; row++) {
    for (let column = columns[0]; column <= columns[1]; column++) {
      const at = row * size + column;
      if (mask[at] === 0) continue;
      const distance = ((column - middleX) / across) ** 2 + ((row - middleY) / down) ** 2;
      const share = strength * Math.exp(-distance);
      for (let channel = at; channel < 3 * plane; channel += plane)
        pixels[channel] = lit(pixels[channel]! + share * (255 - pixels[channel]!));
    }
  }
}

/** Fruit never becomes the mask's black. */
function lit(level: number): number {
  if (level < 1) return 1;
  return level > 254.5 ? 255 : level + 0.5;
}
