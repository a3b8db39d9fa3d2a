/**
 * The loops over pixels run in WebAssembly (`kernel/`), in a memory of their own (`kernel-memory.ts`). A frame that lies in that memory
 * already (`frameBuffer`) is read where it lies, any other is copied there first.
 *
 * What runs for every frame or fruit allocates nothing: it returns numbers, or arrays and objects that are always the same.
 */
import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';
import { kernelBase64 } from './kernel.gen.ts';
import type { KernelExports } from './kernel-exports.ts';
import {
  buffer,
  bytes,
  freeScratch,
  instantiate,
  keepReserved,
  place,
  placeCrop,
  placeRows,
  reserve,
  residentNumbers,
  slackBytes,
  takeBack,
} from './kernel-memory.ts';
import { unitCircle } from './unit-circle.ts';

const cellPx = 4;
/** What is left of a box's margin around the ellipse at which rays start. */
const slackPx = 2;
const boundsPerCell = 5;
/** Eight, of 8 bits each. */
const limitNumbers = 4;
const figuresPerCell = 3;
/** Means and spreads are twice as long as the others. */
const numbersPerCell = 2 * 2 * figuresPerCell + limitNumbers + boundsPerCell;
const sumsPerCell = 4;
const raysMax = 128;
const circlesMax = 8;
/** Cosines and sines, in 64 bits and in 32. */
const circleBytes = raysMax * 2 * (8 + 4);
/** A frame with more of them shows no line; the last are then not seen. */
const componentsMax = 1024;
const componentFields = 5;
const runBytes = 32;
/** What sticks out further than this share of the ellipse is a stem: as in `kernel/repair-outline.ts`. */
const stickOut = 0.05;

const exports = instantiate<KernelExports>(kernelBase64);
const ellipseAt = reserve(raysMax * 4);
const radiiAt = reserve(raysMax * 4);
const startsAt = reserve(raysMax * 4);
const conicAt = reserve(6 * 8);
const endsAt = reserve(48 * (raysMax + 1));
const circlesAt = reserve(circlesMax * circleBytes);
const componentsAt = reserve(componentsMax * componentFields * 4);
keepReserved();
const radii = new Float32Array(buffer, radiiAt, raysMax);
const starts = new Float32Array(buffer, startsAt, raysMax);
const ellipse = new Float32Array(buffer, ellipseAt, raysMax);
const conic = new Float64Array(buffer, conicAt, 6);
const conicFloats = new Float32Array(buffer, conicAt, 4);
const fourSums = new Int32Array(buffer, endsAt, 4);
const sixSums = new Float64Array(buffer, endsAt, 6);
const counts = new Uint16Array(buffer, endsAt, 120);

/** What is known of so many rays. */
interface Circle {
  /** Addresses of their cosines and sines. */
  readonly cos: number;
  readonly sin: number;
  /** The same in 32 bits. */
  readonly floatCos: number;
  readonly floatSin: number;
  /** Where they are cast. */
  readonly radii: Float32Array;
}

const circles = new Map<number, Circle>();

/** Which cells of a frame of 4 x 4 pixels are out of their bounds. */
export interface MarkedCells {
  /** A bit per cell, the first of a row lowest; a row is as long as so many numbers of 64 bits as it takes. */
  readonly bits: Uint8Array;
  /** How many are marked. */
  readonly count: number;
}

const marked = { bits: new Uint8Array(0), count: 0, columns: 0, rows: 0, at: 0, beltAt: 0 };

/** What is known of a belt, per cell of 4 x 4 pixels; see `kernel/scene.ts`. */
export interface BeltModel {
  /** float32 [3, cells]: luma, warmth and green of a cell's sums; and how much each varies. */
  readonly means: Float32Array;
  readonly spreads: Float32Array;
  /** int16 [5, cells]: between what a cell of belt lies. */
  readonly bounds: Int16Array;
  /** All of it. */
  readonly numbers: Int16Array;
}

export function beltModel(cells: number, numbers = residentNumbers(cells * numbersPerCell)): BeltModel {
  const figures = cells * figuresPerCell;
  const floats = (from: number) =>
    new Float32Array(numbers.buffer, numbers.byteOffset + from * Float32Array.BYTES_PER_ELEMENT, figures);
  const bounds = numbers.subarray(numbers.length - cells * boundsPerCell);
  return { means: floats(0), spreads: floats(figures), bounds, numbers };
}

/** Makes a model's bounds of its means and spreads. */
export function boundCells({ numbers }: BeltModel, columns: number, rows: number): void {
  freeScratch();
  const at = place(numbers);
  exports.setScene(0, columns * cellPx, rows * cellPx, at);
  exports.boundCells();
  takeBack(numbers, at);
}

/** Sums of a frame's belt cells, four pixels each. */
export interface BeltSums {
  cells: number;
  red: number;
  green: number;
  blue: number;
}

/** Lets the model follow the frame whose cells were marked last, in the `turn`-th of `every` parts of its cells, whose sums go to `out`. */
export function followBelt(
  { numbers }: BeltModel,
  turn: number,
  every: number,
  leastSpreads: readonly number[],
  out: BeltSums,
): void {
  conicFloats.set(leastSpreads);
  exports.followBelt(marked.at, turn, every, conicAt, endsAt);
  takeBack(numbers, marked.beltAt);
  out.red = fourSums[0]!;
  out.green = fourSums[1]!;
  out.blue = fourSums[2]!;
  out.cells = fourSums[3]!;
}

/** The frame must be 32 pixels wide at least. The same object every time. */
export function markCells(frame: Frame, { bounds, numbers }: BeltModel): MarkedCells {
  const columns = frame.width >> 2;
  const rows = frame.height >> 2;
  if (columns < 8 || bounds.length !== columns * rows * boundsPerCell) {
    throw new RangeError(`${bounds.length} bounds do not fit ${frame.width} x ${frame.height} pixels`);
  }
  freeScratch();
  const markBytes = Math.ceil(columns / 64) * 8 * rows;
  marked.at = reserve(markBytes);
  marked.beltAt = place(numbers);
  const frameAt = placeRows(frame.data, frame.width * 3, 0, frame.height);
  exports.setScene(frameAt, frame.width, frame.height, marked.beltAt);
  marked.count = exports.markCells(marked.at);
  if (marked.columns !== columns || marked.rows !== rows) {
    marked.columns = columns;
    marked.rows = rows;
    // It is always the first that is reserved.
    marked.bits = new Uint8Array(buffer, marked.at, markBytes);
  }
  return marked;
}

/** Of the cells that were marked last, int16 [rows, columns, 4]: red, green, blue of four of a cell's pixels together, and 0. Good until the next call. */
export function sumCells(): Int16Array {
  const numbers = marked.columns * marked.rows * sumsPerCell;
  const at = reserve(numbers * 2);
  exports.sumCells(at);
  return new Int16Array(buffer, at, numbers);
}

/** Components of cells, int32 [n, 5]: left, top, right, bottom (in cells, both ends inside) and the number of cells. */
export const components = new Int32Array(buffer, componentsAt, componentsMax * componentFields);

/** Writes to `components` those of the cells that were marked last, in the order of their first cells; returns how many. */
export function connectCells(): number {
  const runsAt = reserve(Math.ceil(marked.columns / 2) * marked.rows * runBytes);
  return exports.connectCells(marked.at, componentsAt, componentsMax, runsAt);
}

/** Where rays begin, and half the width and height of the box that they are cast in. An object, since V8 allocates numbers that are handed on one by one. */
export interface RayBox {
  readonly x: number;
  readonly y: number;
  readonly reachX: number;
  readonly reachY: number;
}

/**
 * In the frame whose cells were marked last: the distance from (x, y) to the fruit's edge, in pixels, along each of `count`
 * rays, a multiple of 4, see `kernel/cast-rays.ts`. Good until the next call.
 */
export function castRays({ x, y, reachX, reachY }: RayBox, count: number): Float32Array {
  const circle = circleOf(count);
  const { cos, sin, floatCos, floatSin } = circle;
  // Most fruit is inside the ellipse in its box.
  exports.ellipseRadii(reachX - slackPx, reachY - slackPx, 1, 0, count, floatCos, floatSin, ellipseAt);
  exports.castRays(x, y, reachX, reachY, count, cos, sin, ellipseAt, 1, true, radiiAt);
  return circle.radii;
}

/** The same of a fruit that another touches: each ray begins no farther out than its limit, behind which the other one lies. As many rays as limits. */
export function castRaysWithin({ x, y, reachX, reachY }: RayBox, limits: Float32Array): Float32Array {
  const circle = circleOf(limits.length);
  starts.set(limits);
  exports.castRays(x, y, reachX, reachY, limits.length, circle.cos, circle.sin, startsAt, 1, false, radiiAt);
  return circle.radii;
}

/** The direction that an ellipse's major axis has, and half the length of both. */
export interface Axes {
  readonly semiMajor: number;
  readonly semiMinor: number;
  readonly cosMajor: number;
  readonly sinMajor: number;
}

/**
 * The outline of a fruit, radii from (x, y), the middle of the ellipse that was fitted to the rays in a box, to `out`, see
 * `kernel/trace-outline.ts`.
 */
export function traceOutline(
  { x, y, reachX, reachY }: RayBox,
  { semiMajor, semiMinor, cosMajor, sinMajor }: Axes,
  out: Float32Array,
): void {
  const { cos, sin, floatCos, floatSin } = circleOf(out.length);
  const isResident = out.buffer === buffer;
  const to = isResident ? out.byteOffset : radiiAt;
  // biome-ignore format: two lines, as it is declared
  exports.traceOutline(x, y, reachX, reachY, semiMajor, semiMinor, cosMajor, sinMajor,
    out.length, cos, sin, floatCos, floatSin, to, ellipseAt, endsAt);
  if (!isResident) takeBack(out, to);
}

/**
 * The outline of a plain fruit, to `out`, by the rays to which its ellipse was fitted last, half as many as there are radii, see `kernel/spread-outline.ts`. `middle` is where the
 * ellipse's is, `x` and `y` are that seen from where they began. False where they do not tell.
 */
export function spreadOutline(
  middle: { readonly x: number; readonly y: number },
  { x, y }: { readonly x: number; readonly y: number },
  { semiMajor, semiMinor, cosMajor, sinMajor }: Axes,
  out: Float32Array,
): boolean {
  const { floatCos, floatSin } = circleOf(out.length);
  const found = circleOf(out.length / 2);
  const isResident = out.buffer === buffer;
  const to = isResident ? out.byteOffset : reserve(out.byteLength);
  // biome-ignore format: three lines, as it is declared
  const isPlain = exports.spreadOutline(out.length / 2, middle.x - x, middle.y - y, radiiAt, found.floatCos, found.floatSin, conicAt,
    x, y, semiMajor, semiMinor, cosMajor, sinMajor,
    floatCos, floatSin, to, ellipseAt, endsAt) !== 0;
  if (isPlain && !isResident) takeBack(out, to);
  return isPlain;
}

/** The same of a fruit that another touches: the outline goes nowhere beyond its limit. One for each ray. */
export function traceOutlineWithin(
  { x, y, reachX, reachY }: RayBox,
  axes: Axes,
  limits: Float32Array,
  out: Float32Array,
): void {
  const count = out.length;
  const { cos, sin, floatCos, floatSin, radii: found } = circleOf(count);
  const { semiMajor, semiMinor, cosMajor, sinMajor } = axes;
  exports.ellipseRadii(semiMajor, semiMinor, cosMajor, sinMajor, count, floatCos, floatSin, ellipseAt);
  for (let i = 0; i < count; i++) starts[i] = Math.min(ellipse[i]! * (1 + stickOut), limits[i]!);
  exports.castRays(x, y, reachX, reachY, count, cos, sin, startsAt, 1, false, radiiAt);
  exports.followRot(x, y, count, cos, sin, radiiAt, ellipseAt, startsAt);
  exports.repairOutline(count, radiiAt, ellipseAt, endsAt);
  for (let i = 0; i < count; i++) out[i] = Math.min(found[i]!, limits[i]!);
}

/** Distance from the centre of an ellipse to its edge along each ray, to `out`. */
export function ellipseRadii({ semiMajor, semiMinor, cosMajor, sinMajor }: Axes, out: Float32Array): void {
  const { floatCos, floatSin } = circleOf(out.length);
  const isResident = out.buffer === buffer;
  const to = isResident ? out.byteOffset : radiiAt;
  exports.ellipseRadii(semiMajor, semiMinor, cosMajor, sinMajor, out.length, floatCos, floatSin, to);
  if (!isResident) takeBack(out, to);
}

/** A to E of the conic through the ends of rays, and the unit of length that they are for, see `kernel/fit-conic.ts`. */
export function fitConic(ends: Float32Array): Float64Array | undefined {
  const { cos, sin } = circleOf(ends.length);
  if (ends.byteOffset !== radiiAt || ends.buffer !== buffer) radii.set(ends);
  return exports.fitConic(ends.length, cos, sin, radiiAt, conicAt, endsAt) === 0 ? undefined : conic;
}

/**
 * Writes to `out` from `offset`, uint8 [size, size, 3], what lies inside a fruit's outline, otherwise 0; a crop pixel is as wide as
 * `step` pixels of the frame, the middle of the crop is the fruit's.
 */
export function cropOutline(
  { data, width, height }: Frame,
  { xPx: x, yPx: y, outlinePx: outline }: Pick<FruitBlob, 'xPx' | 'yPx' | 'outlinePx'>,
  { step }: { readonly step: number },
  size: number,
  out: Uint8Array,
  offset: number,
): void {
  freeScratch();
  const cropBytes = size * size * 3;
  const isResident = out.buffer === buffer;
  const outAt = isResident ? out.byteOffset + offset : reserve(cropBytes);
  const taps = 2 * Math.ceil(Math.max(step, 1)) + 2;
  const mixedBytes = ((size + 1) * step + taps) * 3 + slackBytes;
  const placesBytes = 16 * (outline.length + 1);
  const scratchAt = reserve(2 * size * (4 + 2 * taps) + size * (8 + 36) + size * mixedBytes + placesBytes);
  const { cos, sin } = circleOf(outline.length);
  const outlineAt = place(outline);
  const reach = (size / 2 + 1) * step + 1;
  const top = Math.max(0, Math.min(Math.floor(y - reach), height - taps));
  const bottom = Math.min(height, Math.ceil(y + reach) + 1);
  exports.setScene(placeRows(data, width * 3, top, bottom), width, height, 0);
  exports.cropFruit(x, y, step, size, outline.length, cos, sin, outlineAt, outAt, scratchAt);
  if (!isResident) out.set(bytes.subarray(outAt, outAt + cropBytes), offset);
}

/** Of every fourth pixel that is not black, of so many from `offset`: red, green and blue summed, and how many they are. The same array every time. */
export function sumColours(crops: Uint8Array, offset: number, pixels: number): Int32Array {
  freeScratch();
  exports.sumColours(placeCrop(crops, offset, pixels * 3), pixels, endsAt);
  return fourSums;
}

/** How pixels are told by their hue, see `kernel/count-hues.ts`. */
export interface HueScale {
  readonly everyPixel: number;
  readonly brightestMin: number;
  readonly from: number;
  readonly step: number;
  readonly bins: number;
}

/** To `out` at `at`: pixels by hue, then all that were looked at and are not black. */
export function countHuesOf(
  crops: Uint8Array,
  offset: number,
  pixels: number,
  { everyPixel, brightestMin, from, step, bins }: HueScale,
  out: Uint16Array,
  at: number,
): void {
  freeScratch();
  const cropAt = placeCrop(crops, offset, pixels * 3);
  exports.countHues(cropAt, pixels, everyPixel, brightestMin, from, step, bins, endsAt);
  for (let bin = 0; bin < bins; bin++) out[at + bin] = counts[bin]!;
  out[at + bins] = counts[bins + 1]!;
}

/** Of some of the pixels of a crop: how many are inside, their luma and its square summed; and the same of its Laplacian, see `kernel/sample-luma.ts`. The same array every time. */
export function sampleLuma(crops: Uint8Array, offset: number, size: number, every: number): Float64Array {
  freeScratch();
  exports.sampleLuma(placeCrop(crops, offset, size * size * 3), size, every, endsAt);
  return sixSums;
}

/** The shares of the skin that are defect and rot by the map float32 [cells, 2] at `offset`, as `kernel/share-defects.ts` has it. The same array every time. */
export function shareDefects(
  map: Float32Array,
  offset: number,
  skin: Float64Array,
  least: number,
): Float64Array {
  freeScratch();
  const cells = skin.length;
  const isResident = map.buffer === buffer;
  const mapAt = isResident ? map.byteOffset + 4 * offset : place(map.subarray(offset, offset + 2 * cells));
  exports.shareDefects(mapAt, place(skin), cells, least, endsAt);
  return sixSums;
}

function circleOf(rays: number): Circle {
  const known = circles.get(rays);
  if (known !== undefined) return known;
  if (rays > raysMax || circles.size === circlesMax) throw new RangeError(`no circle of ${rays} rays more`);
  const cos = circlesAt + circles.size * circleBytes;
  const sin = cos + raysMax * 8;
  const floatCos = sin + raysMax * 8;
  const floatSin = floatCos + raysMax * 4;
  const made = { cos, sin, floatCos, floatSin, radii: radii.subarray(0, rays) };
  const circle = unitCircle(rays);
  new Float64Array(buffer, cos, rays).set(circle.cos);
  new Float64Array(buffer, sin, rays).set(circle.sin);
  new Float32Array(buffer, floatCos, rays).set(circle.cos);
  new Float32Array(buffer, floatSin, rays).set(circle.sin);
  circles.set(rays, made);
  return made;
}
