import type { Frame } from './frame.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';

/** The fruit's larger diameter as a share of the crop's side. */
export const cropFill = 0.92;
/** The edge pixels of a fruit are half belt: the mask stays this far inside the outline. */
const insetPx = 0.7;

/**
 * Writes the standard crop of a fruit, uint8 [size, size, 3] RGB, into `out` from `offset`: the fruit's larger
 * diameter fills 0.92 of the crop, its centre is the crop's centre, and what is outside its outline is 0.
 * Pixels are averaged by a triangle as wide as a crop pixel, so that nothing is skipped when the fruit shrinks.
 */
export function cropFruit(frame: Frame, blob: FruitBlob, size: number, out: Uint8Array, offset = 0): void {
  const pxPerCropPx = (2 * blob.semiMajorPx) / (cropFill * size);
  const left = blob.xPx - (size / 2) * pxPerCropPx;
  const top = blob.yPx - (size / 2) * pxPerCropPx;
  const taps = tapsFor(pxPerCropPx);
  const columns = sampler(size, left, pxPerCropPx, taps, frame.width);
  const rows = sampler(size, top, pxPerCropPx, taps, frame.height);
  const spans = maskSpans(blob, size, top, left, pxPerCropPx);
  // Columns are averaged first, for the rows of the frame that the crop touches, then rows.
  const firstRow = rows.first[0]!;
  const rowCount = rows.first[size - 1]! + taps - firstRow;
  const narrow = new Float32Array(rowCount * size * 3);
  for (let k = 0; k < rowCount; k++) {
    const cropRow = Math.floor((firstRow + k + 0.5 - top) / pxPerCropPx);
    const [from, to] = spanNear(spans, cropRow, size);
    averageColumns(frame, firstRow + k, columns, taps, from, to, narrow, k * size * 3);
  }
  for (let i = 0; i < size; i++) {
    const at = offset + i * size * 3;
    out.fill(0, at, at + size * 3);
    const to = spans[2 * i + 1]! * 3;
    const base = (rows.first[i]! - firstRow) * size * 3;
    for (let j = spans[2 * i]! * 3; j < to; j++) {
      let sum = 0.5;
      for (let t = 0; t < taps; t++) sum += rows.weights[i * taps + t]! * narrow[base + t * size * 3 + j]!;
      out[at + j] = sum;
    }
  }
}

/** The columns that any crop row within two of `row` needs. */
function spanNear(spans: Int16Array, row: number, size: number): [number, number] {
  let from = size;
  let to = 0;
  for (let i = Math.max(0, row - 2); i <= Math.min(size - 1, row + 2); i++) {
    from = Math.min(from, spans[2 * i]!);
    to = Math.max(to, spans[2 * i + 1]!);
  }
  return [from, to];
}

interface Sampler {
  /** First source index per crop pixel. */
  readonly first: Int32Array;
  /** [size, taps], each row adds up to 1. */
  readonly weights: Float32Array;
}

function tapsFor(pxPerCropPx: number): number {
  return Math.ceil(2 * Math.max(pxPerCropPx, 1)) + 1;
}

/** Triangle weights for each crop pixel along one axis; sources beyond the frame repeat its edge. */
function sampler(size: number, start: number, step: number, taps: number, limit: number): Sampler {
  const half = Math.max(step, 1);
  const first = new Int32Array(size);
  const weights = new Float32Array(size * taps);
  for (let i = 0; i < size; i++) {
    const centre = start + (i + 0.5) * step - 0.5;
    const wanted = Math.ceil(centre - half);
    const from = Math.min(Math.max(wanted, 0), limit - taps);
    first[i] = from;
    let total = 0;
    for (let t = 0; t < taps; t++) {
      const source = Math.min(Math.max(wanted + t, from), from + taps - 1);
      const weight = Math.max(0, 1 - Math.abs(wanted + t - centre) / half);
      weights[i * taps + source - from]! += weight;
      total += weight;
    }
    for (let t = 0; t < taps; t++) weights[i * taps + t]! /= total;
  }
  return { first, weights };
}

function averageColumns(
  frame: Frame,
  y: number,
  columns: Sampler,
  taps: number,
  from: number,
  to: number,
  out: Float32Array,
  offset: number,
): void {
  const { data } = frame;
  const { first, weights } = columns;
  const line = y * frame.width * 3;
  for (let j = from; j < to; j++) {
    let r = 0;
    let g = 0;
    let b = 0;
    let at = line + first[j]! * 3;
    for (let t = 0; t < taps; t++, at += 3) {
      const weight = weights[j * taps + t]!;
      r += weight * data[at]!;
      g += weight * data[at + 1]!;
      b += weight * data[at + 2]!;
    }
    out[offset + j * 3] = r;
    out[offset + j * 3 + 1] = g;
    out[offset + j * 3 + 2] = b;
  }
}

/** Per crop row the columns `[from, to)` inside the outline, which is convex but for noise. */
function maskSpans(blob: FruitBlob, size: number, top: number, left: number, step: number): Int16Array {
  const low = new Float32Array(size).fill(size);
  const high = new Float32Array(size).fill(-1);
  let [x0, y0] = corner(blob, outlineRays - 1, top, left, step);
  for (let i = 0; i < outlineRays; i++) {
    const [x1, y1] = corner(blob, i, top, left, step);
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

/** A corner of the inset outline in crop pixels. */
function corner(blob: FruitBlob, ray: number, top: number, left: number, step: number): [number, number] {
  const angle = (2 * Math.PI * ray) / outlineRays;
  const radius = blob.outlinePx[ray]! - insetPx;
  return [
    (blob.xPx + radius * Math.cos(angle) - left) / step,
    (blob.yPx + radius * Math.sin(angle) - top) / step,
  ];
}
