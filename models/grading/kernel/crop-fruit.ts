import { averageColumns, averageRows, rowsTogether, tapsOf, writeWeights } from './average';
import { averageLanes, fitsLanes, writeLanes } from './average-lanes';
import { writeSpans } from './outline-spans';
import { frame, height, width } from './scene';

/**
 * Writes the crop of the fruit whose outline is given as `count` radii, float32, from (x, y): uint8 [size, size, 3] to
 * `out`, 0 outside of the outline; the size is four at least. A crop pixel is as wide as `step` pixels of the frame, the middle
 * of the crop is (x, y). `cos`, `sin`: float64 [count]. `scratch` is as
 * large as `src/kernel.ts` makes it.
 */
export function cropFruit(
  x: f64,
  y: f64,
  step: f64,
  size: i32,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
  out: usize,
  scratch: usize,
): void {
  const left = x - (f64(size) / 2) * step;
  const top = y - (f64(size) / 2) * step;
  const taps = tapsOf(step);
  // Columns are averaged by pairs, four at least; those that are not wanted weigh nothing.
  const columnTaps = max(4, (taps + 1) & ~1);
  const columns = scratch;
  const rows = columns + size * (4 + 2 * columnTaps);
  const spans = rows + size * (4 + 2 * taps);
  const lanes = spans + size * 8;
  const mixed = lanes + size * 36;
  writeWeights(columns, size, left, step, columnTaps, width);
  writeWeights(rows, size, top, step, taps, height);
  // Where rows are mixed later.
  writeSpans(spans, size, x, y, left, top, step, count, cos, sin, radii, mixed);
  // Rows of the frame are averaged to rows of the crop first, as far as the fruit reaches there, then their columns. One
  // after the other: a vector that is read across two that were just written has to wait for them. Four rows go together,
  // and what one of them has beyond its own span is cleared.
  const hasLanes = fitsLanes(size, step, taps);
  // What the frame's right edge moved has its weights further behind.
  const lastFrom = load<i32>(columns + (size - 1) * 4);
  const laneTaps = lastFrom === width - columnTaps ? columnTaps : taps;
  if (hasLanes) writeLanes(lanes, columns, size, laneTaps);
  const mixedBytes = (lastFrom + columnTaps - load<i32>(columns)) * 3 + 16;
  const outBytes = size * 3;
  for (let row: i32 = 0; row < size; row += rowsTogether) {
    // The last four begin early enough.
    const i = min(row, size - rowsTogether);
    const from = firstOf(spans + i * 8);
    const to = lastOf(spans + i * 8);
    if (from >= to) continue;
    const fromByte = load<i32>(columns + from * 4) * 3;
    const toByte = (load<i32>(columns + (to - 1) * 4) + columnTaps) * 3;
    for (let k = i; k < i + rowsTogether; k++) {
      averageRows(
        frame + load<i32>(rows + k * 4) * width * 3 + fromByte,
        width * 3,
        rows + size * 4 + k * 2 * taps,
        taps,
        toByte - fromByte,
        mixed + k * mixedBytes,
      );
    }
  }
  for (let row: i32 = 0; row < size; row += rowsTogether) {
    // The last four begin early enough.
    const i = min(row, size - rowsTogether);
    const from = firstOf(spans + i * 8);
    const to = lastOf(spans + i * 8);
    const rowsOut = out + i * outBytes;
    if (from >= to) {
      clear(rowsOut, rowsTogether * outBytes);
      continue;
    }
    const fromByte = load<i32>(columns + from * 4) * 3;
    const mixedRows = mixed + i * mixedBytes - fromByte;
    if (hasLanes) averageLanes(mixedRows, mixedBytes, lanes, laneTaps, from, to, rowsOut, outBytes);
    else averageColumns(mixedRows, mixedBytes, columns, size, columnTaps, from, to, rowsOut, outBytes);
    // From the end of each row's span to where the next one begins.
    let cleared = rowsOut;
    for (let k: i32 = 0; k < rowsTogether; k++) {
      const span = spans + (i + k) * 8;
      const rowOut = rowsOut + k * outBytes;
      clear(cleared, i32(rowOut - cleared) + load<i32>(span) * 3);
      cleared = rowOut + load<i32>(span, 4) * 3;
    }
    clear(cleared, i32(rowsOut - cleared) + rowsTogether * outBytes);
  }
}

/** 16 bytes to be made 0, and 16 to be kept. */
const kept = memory.data<u8>(
  // biome-ignore format: two lines
  [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
  ],
  16,
);

/** Makes so many bytes 0, and writes up to 16 behind them as they are. `memory.fill` is a call, and most rows have few bytes to be cleared. */
function clear(at: usize, count: i32): void {
  const end = at + count;
  const zero = i64x2.splat(0);
  for (; at + 16 <= end; at += 16) v128.store(at, zero);
  v128.store(at, v128.and(v128.load(at), v128.load(kept + 16 - (end - at))));
}

/** Of the spans of rows that go together: the first column of any. An empty span begins at the end. */
function firstOf(spans: usize): i32 {
  const here = min(load<i32>(spans), load<i32>(spans, 8));
  return min(here, min(load<i32>(spans, 16), load<i32>(spans, 24)));
}

/** The end of all that are not empty. */
function lastOf(spans: usize): i32 {
  let last: i32 = 0;
  for (let k: i32 = 0; k < rowsTogether; k++) {
    const to = load<i32>(spans + k * 8, 4);
    if (load<i32>(spans + k * 8) < to) last = max(last, to);
  }
  return last;
}
