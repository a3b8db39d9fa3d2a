/** What is wrong with what was cut out: a mask that is off, something in front of the fruit, a background. Crops are uint8 [3, size, size]. */
import { type Random, randomBetween, randomInt } from '@pomona/wire';

type Colour = readonly [number, number, number];

const directions = 64;

/** For each pixel how far it is from the middle, and in which of 64 directions. */
export interface Polar {
  readonly radius: Float32Array;
  readonly direction: Uint8Array;
}

export function polarOf(size: number): Polar {
  const middle = (size - 1) / 2;
  const radius = new Float32Array(size * size);
  const direction = new Uint8Array(size * size);
  for (let at = 0; at < radius.length; at++) {
    const [x, y] = [(at % size) - middle, Math.floor(at / size) - middle];
    radius[at] = Math.hypot(x, y);
    direction[at] = Math.floor((Math.atan2(y, x) / (2 * Math.PI) + 0.5) * directions) % directions;
  }
  return { radius, direction };
}

/**
 * The mask's edge off by up to `pixelsMax`, in slow waves around the fruit. Fruit beyond it becomes black, and background within it
 * gets one colour, as slivers of belt or hand have it.
 */
export function jitterEdge(
  pixels: Uint8Array,
  mask: Uint8Array,
  { radius, direction }: Polar,
  pixelsMax: number,
  random: Random,
): void {
  const ends = new Float32Array(directions);
  for (let at = 0; at < mask.length; at++)
    if (mask[at] === 1) ends[direction[at]!] = Math.max(ends[direction[at]!]!, radius[at]!);
  const offsets = wavesOf(random).map((wave) => wave * pixelsMax);
  const colour = backgroundColour(random);
  for (let at = 0; at < mask.length; at++) {
    const towards = direction[at]!;
    const isWithin = radius[at]! <= ends[towards]! + offsets[towards]!;
    if (isWithin === (mask[at] === 1)) continue;
    // Holes inside of the fruit are none of the edge's business.
    if (isWithin && radius[at]! <= ends[towards]!) continue;
    paint(pixels, mask, at, isWithin ? colour : black);
  }
}

/** Around the fruit, between -1 and 1: three waves of random phase. */
function wavesOf(random: Random): Float32Array {
  const waves = [1, 2, 5].map((count) => ({
    count,
    height: randomBetween(random, 0, 1 / 3),
    phase: randomBetween(random, 0, 2 * Math.PI),
  }));
  return Float32Array.from({ length: directions }, (_, at) =>
    waves.reduce(
      (sum, { count, height, phase }) =>
        sum + height * Math.sin((2 * Math.PI * count * at) / directions + phase),
      0,
    ),
  );
}

const black: Colour = [0, 0, 0];
const skins: readonly Colour[] = [
  [224, 172, 140],
  [190, 130, 95],
  [120, 78, 55],
];
const leaves: readonly Colour[] = [
  [62, 92, 40],
  [95, 125, 60],
  [120, 105, 60],
];

/**
 * A finger (a bar with a round end) or a leaf (one that narrows) that reaches from the edge of the crop towards its middle.
 * `hidden` gets 1 where it covers fruit.
 */
export function occlude(
  pixels: Uint8Array,
  mask: Uint8Array,
  hidden: Uint8Array,
  size: number,
  random: Random,
): void {
  const isLeaf = randomInt(random, 2) === 1;
  const colour = (isLeaf ? leaves : skins)[randomInt(random, 3)]!;
  const towards = randomBetween(random, 0, 2 * Math.PI);
  const [alongX, alongY] = [Math.cos(towards), Math.sin(towards)];
  /** From the middle: where its tip is, and by how much it passes the middle by. */
  const tip = randomBetween(random, 0.2, 0.4) * size;
  const aside = randomBetween(random, -0.2, 0.2) * size;
  const width = randomBetween(random, 0.05, 0.1) * size;
  const middle = (size - 1) / 2;
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    const [x, y] = [(at % size) - middle, Math.floor(at / size) - middle];
    const along = x * alongX + y * alongY - tip;
    const across = y * alongX - x * alongY - aside;
    const half = isLeaf ? width * Math.min(1.5, 0.2 + along / (0.15 * size)) : width;
    const isCovered = along >= 0 ? Math.abs(across) <= half : !isLeaf && Math.hypot(along, across) <= width;
    if (!isCovered) continue;
    hidden[at] = 1;
    // Round things are darker at their sides.
    const light = 1 - 0.5 * (across / half) ** 2;
    paint(pixels, mask, at, [colour[0] * light, colour[1] * light, colour[2] * light]);
  }
}

/** Takes from a map, uint8 [cells, cells, 2], the shares of the cells that something hides. */
export function hideInMap(map: Uint8Array, cells: number, hidden: Uint8Array, size: number): void {
  const counts = new Float32Array(cells * cells);
  const perPixel = (cells / size) ** 2;
  for (let at = 0; at < hidden.length; at++) {
    if (hidden[at] === 0) continue;
    const [column, row] = [at % size, Math.floor(at / size)];
    counts[Math.floor((row * cells) / size) * cells + Math.floor((column * cells) / size)]! += perPixel;
  }
  for (let cell = 0; cell < counts.length; cell++) {
    const seen = Math.max(0, 1 - counts[cell]!);
    map[2 * cell] = map[2 * cell]! * seen + 0.5;
    map[2 * cell + 1] = map[2 * cell + 1]! * seen + 0.5;
  }
}

/** A background of one colour, brighter towards one side. */
export function fillBackground(pixels: Uint8Array, mask: Uint8Array, size: number, random: Random): void {
  const colour = backgroundColour(random);
  const towards = randomBetween(random, 0, 2 * Math.PI);
  const [slopeX, slopeY] = [Math.cos(towards) / size, Math.sin(towards) / size];
  const plane = size * size;
  for (let at = 0; at < plane; at++) {
    if (mask[at] === 1) continue;
    const light = 0.8 + 0.4 * (slopeX * (at % size) + slopeY * Math.floor(at / size));
    for (let channel = 0; channel < 3; channel++)
      pixels[channel * plane + at] = Math.max(1, Math.min(255, colour[channel]! * light));
  }
}

/** From a black belt to a white plate, with little colour. */
function backgroundColour(random: Random): Colour {
  const level = randomBetween(random, 20, 230);
  const tint = (): number => Math.max(1, Math.min(255, level + randomBetween(random, -20, 20)));
  return [tint(), tint(), tint()];
}

function paint(pixels: Uint8Array, mask: Uint8Array, at: number, colour: Colour): void {
  const plane = mask.length;
  mask[at] = colour === black ? 0 : 1;
  for (let channel = 0; channel < 3; channel++) pixels[channel * plane + at] = colour[channel]!;
}
