/** The edge pixels of a fruit are half belt: the mask stays this far inside the outline. */
const insetPx: f64 = 0.7;

/**
 * Per crop row the columns `[from, to)` inside the outline, which is convex but for noise, to `spans`, int32 [size, 2]; 8 bytes behind
 * them may be written to.
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
  // As long as they grow a span is its beginning and less its end, float32: then both become smaller.
  const none = f32x4(f32(size), 1, f32(size), 1);
  for (let row: i32 = 0; row < size; row += 2) v128.store(spans + row * 8, none);
  const middle = f64x2(x, y);
  const corner = f64x2(left, top);
  const steps = f64x2.splat(step);
  const signs = f32x4(1, -1, 1, -1);
  let from = placeOf(count - 1, middle, corner, steps, cos, sin, radii);
  for (let i: i32 = 0; i < count; i++) {
    const to = placeOf(i, middle, corner, steps, cos, sin, radii);
    const x0 = f64x2.extract_lane(from, 0);
    const y0 = f64x2.extract_lane(from, 1);
    const y1 = f64x2.extract_lane(to, 1);
    const isDown = y0 < y1;
    const first = max(0, i32(Math.ceil((isDown ? y0 : y1) - 0.5)));
    const last = min(size - 1, i32(Math.floor((isDown ? y1 : y0) - 0.5)));
    const slope = y1 === y0 ? 0 : (f64x2.extract_lane(to, 0) - x0) / (y1 - y0);
    for (let row = first; row <= last; row++) {
      const cut = f32(x0 + (f64(row) + 0.5 - y0) * slope);
      const span = spans + row * 8;
      const both = f32x4.mul(f32x4.splat(cut), signs);
      v128.store64_lane(span, f32x4.pmin(v128.load64_zero(span), both), 0);
    }
    from = to;
  }
  const inwards = f32x4(-0.5, 0.5, -0.5, 0.5);
  // An end is one less its number, in two's complement that number's inverse and two.
  const ends = i64x2.splat(-4_294_967_296);
  const twos = i64x2.splat(2 << 32);
  const least = i32x4.splat(0);
  const most = i32x4.splat(size);
  for (let row: i32 = 0; row < size; row += 2) {
    const span = spans + row * 8;
    const whole = i32x4.trunc_sat_f32x4_s(f32x4.ceil(f32x4.add(v128.load(span), inwards)));
    const both = i32x4.add(v128.xor(whole, ends), twos);
    const within = i32x4.min_s(i32x4.max_s(both, least), most);
    v128.store(span, i32x4.max_s(within, i32x4.shuffle(within, within, 0, 0, 2, 2)));
  }
}

/** Where ray `i` ends, less the inset: column and row of the crop. */
function placeOf(
  i: i32,
  middle: v128,
  corner: v128,
  steps: v128,
  cos: usize,
  sin: usize,
  radii: usize,
): v128 {
  const radius = f64x2.splat(f64(load<f32>(radii + i * 4)) - insetPx);
  const ray = v128.load64_lane(sin + i * 8, v128.load64_zero(cos + i * 8), 1);
  return f64x2.div(f64x2.sub(f64x2.add(middle, f64x2.mul(radius, ray)), corner), steps);
}
