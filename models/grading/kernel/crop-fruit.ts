import { averageColumns, averageRows, tapsOf, writeWeights } from './average';
import { writeSpans } from './outline-spans';
import { frame, height, width } from './scene';

/**
 * Writes the crop of the fruit whose outline is given as `count` radii, float32, from (x, y): uint8 [size, size, 3] to
 * `out` (and one byte more), 0 outside of the outline. A crop pixel is as wide as `step` pixels of the frame, the middle
 * of the crop is (x, y). `cos`, `sin`: float64 [count]. `scratch`: see `scratchBytes`.
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
  const tableBytes = size * (4 + 2 * taps);
  const columns = scratch;
  const rows = columns + tableBytes;
  const spans = rows + tableBytes;
  const mixed = spans + size * 8;
  writeWeights(columns, size, left, step, taps, width);
  writeWeights(rows, size, top, step, taps, height);
  writeSpans(spans, size, x, y, left, top, step, count, cos, sin, radii);
  memory.fill(out, 0, size * size * 3);
  // Rows of the frame are averaged to a row of the crop first, as far as the fruit reaches there, then its columns.
  for (let i: i32 = 0; i < size; i++) {
    const from = load<i32>(spans + i * 8);
    const to = load<i32>(spans + i * 8, 4);
    if (from === to) continue;
    const fromByte = load<i32>(columns + from * 4) * 3;
    const toByte = (load<i32>(columns + (to - 1) * 4) + taps) * 3;
    const line = load<i32>(rows + i * 4);
    averageRows(
      frame + line * width * 3 + fromByte,
      width * 3,
      rows + size * 4 + i * 2 * taps,
      taps,
      toByte - fromByte,
      mixed,
    );
    averageColumns(mixed - fromByte, columns, size, taps, from, to, out + i * size * 3);
  }
}
