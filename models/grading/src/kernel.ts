/**
 * The loops over pixels run in WebAssembly (`kernel/`), in a memory of their own. A frame that lies in that memory
 * already (`frameBuffer`) is read where it lies, any other is copied there first.
 *
 * Invariants: what a call leaves in the scratch memory is good until the next call; the memory never grows, so that
 * frames which were handed out stay where they are. Each thread has its own.
 */
import type { Frame } from './frame.ts';
import { kernelBase64 } from './kernel.gen.ts';
import { unitCircle } from './unit-circle.ts';

/** Address space; the system gives a page when it is first written to. */
const memoryBytes = 128 * 2 ** 20;
/** What was handed out takes no more of it; the rest is scratch. */
const handedOutBytesMax = memoryBytes / 2;
const pageBytes = 65_536;
/** Vector loads may reach past what they need; and every block begins where a vector may. */
const slackBytes = 32;
const cellPx = 4;
/** What is left of a box's margin around the ellipse at which rays start. */
const slackPx = 2;
const boundsPerCell = 5;
const limitsPerPixel = 8;
const figuresPerCell = 4;
/** Means and spreads are twice as long as the others. */
const numbersPerCell = 2 * 2 * figuresPerCell + limitsPerPixel + boundsPerCell;
const sumsPerCell = 4;
const raysMax = 128;
const circlesMax = 8;
/** A frame with more of them shows no line; the last are then not seen. */
const componentsMax = 1024;
const componentFields = 5;

/** What is used of it here; the types of Node.js leave it to those of browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** What `kernel/index.ts` exports; addresses are numbers. */
interface Exports {
  setScene(frame: number, width: number, height: number, bounds: number): void;
  boundCells(): void;
  // biome-ignore format: one line each
  followBelt(marks: number, sums: number, turn: number, every: number, leastSpreads: number, belt: number): void;
  markCells(marks: number, sums: number): number;
  connectCells(marks: number, components: number, countMax: number, stack: number): number;
  // biome-ignore format: one line each
  castRays(x: number, y: number, reachX: number, reachY: number,
    count: number, cos: number, sin: number, starts: number, farther: number, orFromBox: boolean, radii: number): void;
  // biome-ignore format: one line each
  traceOutline(x: number, y: number, reachX: number, reachY: number,
    semiMajor: number, semiMinor: number, cosMajor: number, sinMajor: number,
    count: number, cos: number, sin: number, radii: number, model: number, scratch: number): void;
  // biome-ignore format: one line each
  ellipseRadii(semiMajor: number, semiMinor: number, cosMajor: number, sinMajor: number,
    count: number, cos: number, sin: number, radii: number): void;
  fitConic(count: number, cos: number, sin: number, radii: number, out: number, scratch: number): number;
  // biome-ignore format: one line each
  cropFruit(x: number, y: number, step: number, size: number,
    count: number, cos: number, sin: number, radii: number, out: number, scratch: number): void;
  sumColours(crop: number, pixels: number, out: number): void;
  // biome-ignore format: one line each
  countHues(crop: number, pixels: number, every: number, brightest: number,
    from: number, step: number, bins: number, out: number): void;
}

const pages = memoryBytes / pageBytes;
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
const { buffer } = memory;
const bytes = new Uint8Array(buffer);
const module = new WebAssembly.Module(Buffer.from(kernelBase64, 'base64'));
const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Exports;

let nextFree = 0;
/** Where that begins which was handed out: it lies at the end of the memory. */
let handedOutFrom = memoryBytes;

const ellipseAt = reserve(raysMax * 4);
const radiiAt = reserve(raysMax * 4);
const conicAt = reserve(6 * 8);
const endsAt = reserve(240 + 48 * (raysMax + 1));
const radii = new Float32Array(buffer, radiiAt, raysMax);
const conic = new Float64Array(buffer, conicAt, 6);
const conicFloats = new Float32Array(buffer, conicAt, 4);
const fourSums = new Int32Array(buffer, endsAt, 4);
const counts = new Uint16Array(buffer, endsAt, 120);
/** Addresses of cosines and sines for so many rays. */
const circles = new Map<number, { readonly cos: number; readonly sin: number }>();
const circlesAt = reserve(circlesMax * 2 * raysMax * 8);
const scratchFrom = nextFree;

/** Addresses of what was handed out and is used no more, by size. */
const unused = new Map<number, number[]>();
const forgotten = new FinalizationRegistry<{ from: number; size: number }>(({ from, size }) => {
  unused.set(size, [...(unused.get(size) ?? []), from]);
});

/**
 * A buffer for a frame's pixels, or for crops, that need not be copied to be looked at or written; of any content. When it is garbage (it itself,
 * not what was made of its buffer), its place is given to another. When there is no place, it is an array like any other.
 */
export function frameBuffer(frameBytes: number): Uint8Array {
  const from = handOut(frameBytes);
  if (from === undefined) return new Uint8Array(frameBytes);
  return remembered(bytes.subarray(from, from + frameBytes), from);
}

/** The same for numbers of 16 bits, all 0. */
function residentNumbers(count: number): Int16Array {
  const from = handOut(count * 2);
  if (from === undefined) return new Int16Array(count);
  return remembered(new Int16Array(buffer, from, count).fill(0), from);
}

function handOut(count: number): number | undefined {
  const size = aligned(count + slackBytes);
  const again = unused.get(size)?.pop();
  if (again !== undefined) return again;
  if (handedOutFrom - size < memoryBytes - handedOutBytesMax) return undefined;
  handedOutFrom -= size;
  return handedOutFrom;
}

function remembered<T extends Uint8Array | Int16Array>(array: T, from: number): T {
  forgotten.register(array, { from, size: aligned(array.byteLength + slackBytes) });
  return array;
}

/** Good until the next call of `markCells`, `boundCells`, `cropOutline` or `sumColours`. */
export interface MarkedCells {
  /** uint8 [rows, columns]: 1 where a cell of 4 x 4 pixels is out of its bounds, otherwise 0. */
  readonly marks: Uint8Array;
  /** How many are marked. */
  readonly count: number;
  /** int16 [rows, columns, 4]: red, green, blue of four of a cell's pixels together, and 0. */
  readonly sums: Int16Array;
  /** Where the model is that they were marked by. */
  readonly beltAt: number;
}

/** What is known of a belt, per cell of 4 x 4 pixels; see `kernel/scene.ts`. */
export interface BeltModel {
  /** float32 [cells, 4]: luma, warmth and green of a cell's sums, and nothing; and how much each varies. */
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
  nextFree = scratchFrom;
  const at = place(numbers);
  exports.setScene(0, columns * cellPx, rows * cellPx, at);
  exports.boundCells();
  takeBack(numbers, at);
}

/** Sums of a frame's belt cells, four pixels each. */
export interface BeltSums {
  readonly cells: number;
  readonly red: number;
  readonly green: number;
  readonly blue: number;
}

/** Lets the model follow the frame whose cells were marked last, in the `turn`-th of `every` parts of its cells. */
export function followBelt(
  { marks, sums, beltAt }: MarkedCells,
  { numbers }: BeltModel,
  turn: number,
  every: number,
  leastSpreads: readonly number[],
): BeltSums {
  conicFloats.set(leastSpreads);
  exports.followBelt(marks.byteOffset, sums.byteOffset, turn, every, conicAt, endsAt);
  takeBack(numbers, beltAt);
  return { red: fourSums[0]!, green: fourSums[1]!, blue: fourSums[2]!, cells: fourSums[3]! };
}

/** The frame must be 32 pixels wide at least. */
export function markCells(frame: Frame, { bounds, numbers }: BeltModel): MarkedCells {
  const cells = (frame.width >> 2) * (frame.height >> 2);
  if (frame.width < 8 * cellPx || bounds.length !== cells * boundsPerCell) {
    throw new RangeError(`${bounds.length} bounds do not fit ${frame.width} x ${frame.height} pixels`);
  }
  nextFree = scratchFrom;
  const marksAt = reserve(cells);
  const sumsAt = reserve(cells * sumsPerCell * 2);
  const beltAt = place(numbers);
  const frameAt = placeRows(frame.data, frame.width * 3, 0, frame.height);
  exports.setScene(frameAt, frame.width, frame.height, beltAt);
  const count = exports.markCells(marksAt, sumsAt);
  return {
    marks: new Uint8Array(buffer, marksAt, cells),
    count,
    sums: new Int16Array(buffer, sumsAt, cells * sumsPerCell),
    beltAt,
  };
}

/**
 * Components of cells that were marked last: int32 [n, 5], left, top, right, bottom (in cells, both ends inside) and the
 * number of cells. Uses up the marks. Good until the next call of any function of this file.
 */
export function connectCells({ marks }: MarkedCells): Int32Array {
  const componentsAt = reserve(componentsMax * componentFields * 4);
  const stackAt = reserve(marks.length * 8);
  const count = exports.connectCells(marks.byteOffset, componentsAt, componentsMax, stackAt);
  return new Int32Array(buffer, componentsAt, count * componentFields);
}

/**
 * In the frame whose cells were marked last: the distance from (x, y) to the fruit's edge, in pixels, along each of `count`
 * rays, see `kernel/cast-rays.ts`. Good until the next call.
 */
export function castRays(x: number, y: number, reachX: number, reachY: number, count: number): Float32Array {
  const { cos, sin } = circleOf(count);
  // Most fruit is inside the ellipse in its box.
  exports.ellipseRadii(reachX - slackPx, reachY - slackPx, 1, 0, count, cos, sin, ellipseAt);
  exports.castRays(x, y, reachX, reachY, count, cos, sin, ellipseAt, 1, true, radiiAt);
  return radii.subarray(0, count);
}

/** The direction that an ellipse's major axis has, and half the length of both. */
export interface Axes {
  readonly semiMajor: number;
  readonly semiMinor: number;
  readonly cosMajor: number;
  readonly sinMajor: number;
}

/**
 * The outline of a fruit as `count` radii from (x, y), the middle of the ellipse that was fitted to the rays in a box, see
 * `kernel/trace-outline.ts`. An array of its own.
 */
export function traceOutline(
  x: number,
  y: number,
  reachX: number,
  reachY: number,
  { semiMajor, semiMinor, cosMajor, sinMajor }: Axes,
  count: number,
): Float32Array {
  const { cos, sin } = circleOf(count);
  // biome-ignore format: two lines, as it is declared
  exports.traceOutline(x, y, reachX, reachY, semiMajor, semiMinor, cosMajor, sinMajor,
    count, cos, sin, radiiAt, ellipseAt, endsAt);
  return radii.slice(0, count);
}

/** Distance from the centre of an ellipse to its edge along each of `count` rays. An array of its own. */
export function ellipseRadii(
  { semiMajor, semiMinor, cosMajor, sinMajor }: Axes,
  count: number,
): Float32Array {
  const { cos, sin } = circleOf(count);
  exports.ellipseRadii(semiMajor, semiMinor, cosMajor, sinMajor, count, cos, sin, radiiAt);
  return radii.slice(0, count);
}

/** A to E of the conic through the ends of rays, and the unit of length that they are for, see `kernel/fit-conic.ts`. */
export function fitConic(ends: Float32Array): Float64Array | undefined {
  const { cos, sin } = circleOf(ends.length);
  if (ends.byteOffset !== radiiAt || ends.buffer !== buffer) radii.set(ends);
  return exports.fitConic(ends.length, cos, sin, radiiAt, conicAt, endsAt) === 0 ? undefined : conic;
}

/**
 * Writes to `out` from `offset`, uint8 [size, size, 3], what lies inside the outline, radii from (x, y), otherwise 0; a
 * crop pixel is as wide as `step` pixels of the frame, the middle of the crop is (x, y).
 */
export function cropOutline(
  { data, width, height }: Frame,
  x: number,
  y: number,
  outline: Float32Array,
  step: number,
  size: number,
  out: Uint8Array,
  offset: number,
): void {
  nextFree = scratchFrom;
  const cropBytes = size * size * 3;
  const isResident = out.buffer === buffer;
  const outAt = isResident ? out.byteOffset + offset : reserve(cropBytes);
  const taps = 2 * Math.ceil(Math.max(step, 1)) + 2;
  const mixedBytes = ((size + 1) * step + taps) * 3 + slackBytes;
  const scratchAt = reserve(2 * size * (4 + 2 * taps) + size * 8 + size * mixedBytes);
  const { cos, sin } = circleOf(outline.length);
  radii.set(outline);
  const reach = (size / 2 + 1) * step + 1;
  const top = Math.max(0, Math.min(Math.floor(y - reach), height - taps));
  const bottom = Math.min(height, Math.ceil(y + reach) + 1);
  exports.setScene(placeRows(data, width * 3, top, bottom), width, height, 0);
  exports.cropFruit(x, y, step, size, outline.length, cos, sin, radiiAt, outAt, scratchAt);
  if (!isResident) out.set(bytes.subarray(outAt, outAt + cropBytes), offset);
}

/** Of every fourth pixel that is not black, of so many from `offset`: the sums of the colours, and how many they are. */
export function sumColours(
  crops: Uint8Array,
  offset: number,
  pixels: number,
): { readonly red: number; readonly green: number; readonly blue: number; readonly count: number } {
  nextFree = scratchFrom;
  const at =
    crops.buffer === buffer ? crops.byteOffset + offset : place(crops.subarray(offset, offset + pixels * 3));
  exports.sumColours(at, pixels, endsAt);
  return { red: fourSums[0]!, green: fourSums[1]!, blue: fourSums[2]!, count: fourSums[3]! };
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
  nextFree = scratchFrom;
  const cropAt =
    crops.buffer === buffer ? crops.byteOffset + offset : place(crops.subarray(offset, offset + pixels * 3));
  exports.countHues(cropAt, pixels, everyPixel, brightestMin, from, step, bins, endsAt);
  for (let bin = 0; bin < bins; bin++) out[at + bin] = counts[bin]!;
  out[at + bins] = counts[bins + 1]!;
}

function circleOf(rays: number): { readonly cos: number; readonly sin: number } {
  const known = circles.get(rays);
  if (known !== undefined) return known;
  if (rays > raysMax || circles.size === circlesMax) throw new RangeError(`no circle of ${rays} rays more`);
  const cos = circlesAt + circles.size * 2 * raysMax * 8;
  const made = { cos, sin: cos + raysMax * 8 };
  const circle = unitCircle(rays);
  new Float64Array(buffer, made.cos, rays).set(circle.cos);
  new Float64Array(buffer, made.sin, rays).set(circle.sin);
  circles.set(rays, made);
  return made;
}

/** Where the frame begins, or would if more of it than rows `top` to `bottom` had been copied. */
function placeRows(data: Uint8Array, rowBytes: number, top: number, bottom: number): number {
  if (data.buffer === buffer) return data.byteOffset;
  return place(data.subarray(top * rowBytes, bottom * rowBytes)) - top * rowBytes;
}

function place(values: Uint8Array | Int16Array): number {
  if (values.buffer === buffer) return values.byteOffset;
  const at = reserve(values.byteLength);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  return at;
}

/** What a call changed of values that were placed. */
function takeBack(values: Int16Array, at: number): void {
  if (values.buffer !== buffer) values.set(new Int16Array(buffer, at, values.length));
}

function reserve(count: number): number {
  const at = nextFree;
  nextFree += aligned(count + slackBytes);
  if (nextFree > handedOutFrom)
    throw new RangeError(`${count} bytes do not fit into the memory of the kernel`);
  return at;
}

function aligned(count: number): number {
  return Math.ceil(count / slackBytes) * slackBytes;
}
