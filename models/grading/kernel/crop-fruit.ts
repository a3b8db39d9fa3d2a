import { averageColumns, averageRows, tapsOf, writeWeights } from './average';
import { writeSpans } from './outline-spans';
import { frame, height, width } from './scene';

/**
 * Writes the crop of the fruit whose outline is given as `count` radii, float32, from (x, y): uint8 [size, size, 3] to
 * `out` (and one byte more), 0 outside of the outline. A crop pixel is as wide as `step` pixels of the frame, the middle
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
  const mixed = spans + size * 8;
  writeWeights(columns, size, left, step, columnTaps, width);
  writeWeights(rows, size, top, step, taps, height);
  writeSpans(spans, size, x, y, left, top, step, count, cos, sin, radii);
  memory.fill(out, 0, size * size * 3);
  // Rows of the frame are averaged to rows of the crop first, as far as the fruit reaches there, then their columns. One
  // after the other: a vector that is read across two that were just written has to wait for them.
  const mixedBytes = (load<i32>(columns + (size - 1) * 4) + columnTaps - load<i32>(columns)) * 3 + 16;
  for (let i: i32 = 0; i < size; i++) {
    const from = load<i32>(spans + i * 8);
    const to = load<i32>(spans + i * 8, 4);
    if (from === to) continue;
    const fromByte = load<i32>(columns + from * 4) * 3;
    const toByte = (load<i32>(columns + (to - 1) * 4) + columnTaps) * 3;
    averageRows(
      frame + load<i32>(rows + i * 4) * width * 3 + fromByte,
      width * 3,
      rows + size * 4 + i * 2 * taps,
      taps,
      toByte - fromByte,
      mixed + i * mixedBytes,
    );
  }
  for (let i: i32 = 0; i < size; i++) {
    const from = load<i32>(spans + i * 8);
    const to = load<i32>(spans + i * 8, 4);
    if (from === to) continue;
    const fromByte = load<i32>(columns + from * 4) * 3;
    averageColumns(
      mixed + i * mixedBytes - fromByte,
      columns,
      size,
      columnTaps,
      from,
      to,
      out + i * size * 3,
    );
  }
}
