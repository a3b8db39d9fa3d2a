import type { Frame } from './frame.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';
import { unitCircle } from './unit-circle.ts';

/** The fruit's larger diameter as a share of the crop's side. */
export const cropFill = 0.92;
/** The edge pixels of a fruit are half belt: the mask stays this far inside the outline. */
const insetPx = 0.7;

/** The weights of a crop pixel add up to this: a weighted sum of bytes then fits 16 bits, and two of them an integer. */
const wholeWeight = 256;
/** Every second byte of a word: room for two such sums. */
const evenBytes = 0x00ff00ff;
/** Rounds both sums of a word when their lower bytes are dropped. */
const halves = 0x00800080;
/** So many weights are always there, and written out in the inner loops: it makes them twice as fast. */
const tapsMin = 3;

/**
 * Writes the standard crop of a fruit, uint8 [size, size, 3] RGB, into `out` from `offset`: the fruit's larger
 * diameter fills 0.92 of the crop, its centre is the crop's centre, and what is outside its outline is 0.
 * Pixels are averaged by a triangle as wide as a crop pixel, so that nothing is skipped when the fruit shrinks.
 */
export function cropFruit(frame: Frame, blob: FruitBlob, size: number, out: Uint8Array, offset = 0): void {
  const pxPerCropPx = (2 * blob.semiMajorPx) / (cropFill * size);
  const left = blob.xPx - (size / 2) * pxPerCropPx;
  const top = blob.yPx - (size / 2) * pxPerCropPx;
  const columns = sampler(size, left, pxPerCropPx, frame.width);
  const rows = sampler(size, top, pxPerCropPx, frame.height);
  const spans = maskSpans(blob, size, top, left, pxPerCropPx);
  const words = wordsOf(frame);
  const mixed = new Int32Array(((columns.first[size - 1]! + columns.taps) * 3 + 3) >> 2);
  const mixedBytes = new Uint8Array(mixed.buffer);
  out.fill(0, offset, offset + size * size * 3);
  // Rows of the frame are averaged to a row of the crop first, as far as the fruit reaches there, then its columns.
  for (let i = 0; i < size; i++) {
    const from = spans[2 * i]!;
    const to = spans[2 * i + 1]!;
    if (from === to) continue;
    const fromWord = (columns.first[from]! * 3) >> 2;
    const toWord = ((columns.first[to - 1]! + columns.taps) * 3 + 3) >> 2;
    averageRows(words, rows, i, fromWord, toWord, mixed);
    averageColumns(mixedBytes, columns, from, to, out, offset + (i * size + from) * 3);
  }
}

interface Sampler {
  readonly taps: number;
  /** First source index per crop pixel. */
  readonly first: Int32Array;
  /** [size, taps], each row adds up to `wholeWeight`. */
  readonly weights: Int32Array;
}

/** Triangle weights for each crop pixel along one axis; sources beyond the frame repeat its edge. */
function sampler(size: number, start: number, step: number, limit: number): Sampler {
  const half = Math.max(step, 1);
  const taps = Math.max(tapsMin, Math.ceil(2 * half));
  const first = new Int32Array(size);
  const weights = new Int32Array(size * taps);
  const triangle = new Float64Array(taps);
  for (let i = 0; i < size; i++) {
    const centre = start + (i + 0.5) * step - 0.5;
    const wanted = Math.ceil(centre - half);
    const from = Math.min(Math.max(wanted, 0), limit - taps);
    first[i] = from;
    let total = 0;
    for (let t = 0; t < taps; t++) {
      triangle[t] = Math.max(0, half - Math.abs(wanted + t - centre));
      total += triangle[t]!;
    }
    // What rounding takes from one weight goes to the next: the brightness stays.
    const scale = wholeWeight / total;
    let sum = 0.5;
    let given = 0;
    for (let t = 0; t < taps; t++) {
      sum += triangle[t]! * scale;
      const upToHere = Math.floor(sum);
      const source = Math.min(Math.max(wanted + t, from), from + taps - 1);
      weights[i * taps + source - from]! += upToHere - given;
      given = upToHere;
    }
  }
  return { taps, first, weights };
}

interface Words {
  readonly words: Int32Array;
  /** Words from one row of the frame to the next. */
  readonly stride: number;
}

/** The frame's bytes by fours (the order within a word does not matter here); a copy where rows begin between words. */
function wordsOf({ data, width, height }: Frame): Words {
  const rowBytes = width * 3;
  const stride = (rowBytes + 3) >> 2;
  if (rowBytes === stride * 4 && data.byteOffset % 4 === 0) {
    return { words: new Int32Array(data.buffer, data.byteOffset, stride * height), stride };
  }
  const words = new Int32Array(stride * height);
  const bytes = new Uint8Array(words.buffer);
  for (let y = 0; y < height; y++) {
    bytes.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * stride * 4);
  }
  return { words, stride };
}

/** Averages the rows of the frame that row `row` of the crop covers, four bytes at once. */
function averageRows(
  { words, stride }: Words,
  { taps, first, weights }: Sampler,
  row: number,
  fromWord: number,
  toWord: number,
  out: Int32Array,
): void {
  const w0 = weights[row * taps]!;
  const w1 = weights[row * taps + 1]!;
  const w2 = weights[row * taps + 2]!;
  const line = first[row]! * stride;
  for (let word = fromWord; word < toWord; word++) {
    const at = line + word;
    const p0 = words[at]!;
    const p1 = words[at + stride]!;
    const p2 = words[at + 2 * stride]!;
    let even = (halves + Math.imul(p0 & evenBytes, w0)) | 0;
    let odd = (halves + Math.imul((p0 >>> 8) & evenBytes, w0)) | 0;
    even = (even + Math.imul(p1 & evenBytes, w1) + Math.imul(p2 & evenBytes, w2)) | 0;
    odd = (odd + Math.imul((p1 >>> 8) & evenBytes, w1) + Math.imul((p2 >>> 8) & evenBytes, w2)) | 0;
    for (let t = tapsMin; t < taps; t++) {
      const pixel = words[at + t * stride]!;
      const weight = weights[row * taps + t]!;
      even = (even + Math.imul(pixel & evenBytes, weight)) | 0;
      odd = (odd + Math.imul((pixel >>> 8) & evenBytes, weight)) | 0;
    }
    out[word] = ((even >>> 8) & evenBytes) | (odd & ~evenBytes);
  }
}

/** Averages the columns that the pixels `[from, to)` of a row of the crop cover. */
function averageColumns(
  mixed: Uint8Array,
  { taps, first, weights }: Sampler,
  from: number,
  to: number,
  out: Uint8Array,
  offset: number,
): void {
  for (let j = from, into = offset; j < to; j++, into += 3) {
    let at = first[j]! * 3;
    const w0 = weights[j * taps]!;
    const w1 = weights[j * taps + 1]!;
    const w2 = weights[j * taps + 2]!;
    let red = mixed[at]! * w0 + mixed[at + 3]! * w1 + mixed[at + 6]! * w2;
    let green = mixed[at + 1]! * w0 + mixed[at + 4]! * w1 + mixed[at + 7]! * w2;
    let blue = mixed[at + 2]! * w0 + mixed[at + 5]! * w1 + mixed[at + 8]! * w2;
    for (let t = tapsMin; t < taps; t++) {
      at += 3;
      const weight = weights[j * taps + t]!;
      red += mixed[at + 6]! * weight;
      green += mixed[at + 7]! * weight;
      blue += mixed[at + 8]! * weight;
    }
    out[into] = (red + wholeWeight / 2) >> 8;
    out[into + 1] = (green + wholeWeight / 2) >> 8;
    out[into + 2] = (blue + wholeWeight / 2) >> 8;
  }
}

/** Per crop row the columns `[from, to)` inside the outline, which is convex but for noise. */
function maskSpans(blob: FruitBlob, size: number, top: number, left: number, step: number): Int16Array {
  const low = new Float32Array(size).fill(size);
  const high = new Float32Array(size).fill(-1);
  const { cos, sin } = unitCircle(outlineRays);
  const lastRadius = blob.outlinePx[outlineRays - 1]! - insetPx;
  let x0 = (blob.xPx + lastRadius * cos[outlineRays - 1]! - left) / step;
  let y0 = (blob.yPx + lastRadius * sin[outlineRays - 1]! - top) / step;
  for (let i = 0; i < outlineRays; i++) {
    const radius = blob.outlinePx[i]! - insetPx;
    const x1 = (blob.xPx + radius * cos[i]! - left) / step;
    const y1 = (blob.yPx + radius * sin[i]! - top) / step;
    const from = Math.max(0, Math.ceil(Math.min(y0, y1) - 0.5));
    const to = Math.min(size - 1, Math.floor(Math.max(y0, y1) - 0.5));
    for (let row = from; row <= to; row++) {
      const x = y1 === y0 ? x0 : x0 + ((row + 0.5 - y0) / (y1 - y0)) * (x1 - x0);
      low[row] = Math.min(low[row]!, x);
      high[row] = Math.max(high[row]!, x);
    }
    x0 = x1;
    y0 = y1;
  }
  const spans = new Int16Array(2 * size);
  for (let row = 0; row < size; row++) {
    spans[2 * row] = Math.max(0, Math.ceil(low[row]! - 0.5));
    spans[2 * row + 1] = Math.max(spans[2 * row]!, Math.min(size, Math.floor(high[row]! - 0.5) + 1));
  }
  return spans;
}
