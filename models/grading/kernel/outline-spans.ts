/** The edge pixels of a fruit are half belt: the mask stays this far inside the outline. */
const insetPx: f64 = 0.7;

/**
 * Per crop row the columns `[from, to)` inside the outline, which is convex but for noise, to `spans`, int32 [size, 2].
 * The other arguments are those of `cropFruit`.
 */
export function writeSpans(
  spans: usize,
  size: i32,
  x: f64,
  y: f64,
  left: f64,
  top: f64,
  step: f64,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
): void {
  for (let row: i32 = 0; row < size; row++) {
    store<f32>(spans + row * 8, f32(size));
    store<f32>(spans + row * 8, -1, 4);
  }
  const last = f64(load<f32>(radii + (count - 1) * 4)) - insetPx;
  let x0 = (x + last * load<f64>(cos + (count - 1) * 8) - left) / step;
  let y0 = (y + last * load<f64>(sin + (count - 1) * 8) - top) / step;
  for (let i: i32 = 0; i < count; i++) {
    const radius = f64(load<f32>(radii + i * 4)) - insetPx;
    const x1 = (x + radius * load<f64>(cos + i * 8) - left) / step;
    const y1 = (y + radius * load<f64>(sin + i * 8) - top) / step;
    const from = max(0, i32(Math.ceil(Math.min(y0, y1) - 0.5)));
    const to = min(size - 1, i32(Math.floor(Math.max(y0, y1) - 0.5)));
    const slope = y1 === y0 ? 0 : (x1 - x0) / (y1 - y0);
    for (let row = from; row <= to; row++) {
      const cut = f32(x0 + (f64(row) + 0.5 - y0) * slope);
      const span = spans + row * 8;
      store<f32>(span, min(load<f32>(span), cut));
      store<f32>(span, max(load<f32>(span, 4), cut), 4);
    }
    x0 = x1;
    y0 = y1;
  }
  for (let row: i32 = 0; row < size; row++) {
    const span = spans + row * 8;
    const from = max(0, i32(Math.ceil(f64(load<f32>(span)) - 0.5)));
    const to = min(size, i32(Math.floor(f64(load<f32>(span, 4)) - 0.5)) + 1);
    store<i32>(span, from);
    store<i32>(span, max(from, to), 4);
  }
}
