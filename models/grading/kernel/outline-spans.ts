/** The edge pixels of a fruit are half belt: the mask stays this far inside the outline. */
const insetPx: f64 = 0.7;
// In memory, since V8 makes a constant anew wherever it is used.
const insets = memory.data<f64>([insetPx, insetPx], 16);
const halfRows = memory.data<f64>([0.5, 0.5], 16);
const bothSigns = memory.data<f32>([1, -1, 1, -1], 16);
const halfInwards = memory.data<f32>([-0.5, 0.5, -0.5, 0.5], 16);
const allOfEnds = memory.data<i32>([0, -1, 0, -1], 16);
const twoOfEnds = memory.data<i32>([0, 2, 0, 2], 16);

/**
 * Per crop row the columns `[from, to)` inside the outline, which is convex but for noise, to `spans`, int32 [size, 2]; 8 bytes behind
 * them may be written to.
 * The other arguments are those of `cropFruit`, and `places`: 16 (count + 1) bytes.
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
  places: usize,
): void {
  // As long as they grow a span is its beginning and less its end, float32: then both become smaller.
  const none = f32x4(f32(size), 1, f32(size), 1);
  for (let row: i32 = 0; row < size; row += 2) v128.store(spans + row * 8, none);
  writePlaces(x, y, left, top, step, count, cos, sin, radii, places);
  const signs = v128.load(bothSigns);
  const half = v128.load(halfRows);
  const zero = f64x2.splat(0);
  const bottom = f64x2.splat(f64(size - 1));
  const across = (count + 1) * 8;
  for (let i: i32 = 0; i < count; i += 2) {
    // Two edges of the outline, from one place to the next.
    const at = places + i * 8;
    const x0 = v128.load(at);
    const y0 = v128.load(at + across);
    const y1 = v128.load(at + across, 8);
    const high = f64x2.sub(y1, y0);
    const slope = f64x2.div(f64x2.sub(v128.load(at, 8), x0), high);
    const slopes = v128.andnot(slope, f64x2.eq(high, zero));
    const firsts = f64x2.pmax(zero, f64x2.ceil(f64x2.sub(f64x2.pmin(y0, y1), half)));
    const lasts = f64x2.pmin(bottom, f64x2.floor(f64x2.sub(f64x2.pmax(y0, y1), half)));
    const first = i32x4.trunc_sat_f64x2_s_zero(firsts);
    const last = i32x4.trunc_sat_f64x2_s_zero(lasts);
    const cut0 = f64x2.extract_lane(x0, 0);
    const from0 = f64x2.extract_lane(y0, 0);
    const slope0 = f64x2.extract_lane(slopes, 0);
    const last0 = i32x4.extract_lane(last, 0);
    for (let row = i32x4.extract_lane(first, 0); row <= last0; row++)
      widen(spans + row * 8, f32(cut0 + (f64(row) + 0.5 - from0) * slope0), signs);
    const cut1 = f64x2.extract_lane(x0, 1);
    const from1 = f64x2.extract_lane(y0, 1);
    const slope1 = f64x2.extract_lane(slopes, 1);
    const last1 = i32x4.extract_lane(last, 1);
    for (let row = i32x4.extract_lane(first, 1); row <= last1; row++)
      widen(spans + row * 8, f32(cut1 + (f64(row) + 0.5 - from1) * slope1), signs);
  }
  const inwards = v128.load(halfInwards);
  // An end is one less its number, in two's complement that number's inverse and two.
  const ends = v128.load(allOfEnds);
  const twos = v128.load(twoOfEnds);
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

function widen(span: usize, cut: f32, signs: v128): void {
  const both = f32x4.mul(f32x4.splat(cut), signs);
  v128.store64_lane(span, f32x4.pmin(v128.load64_zero(span), both), 0);
}

/** Where the rays end, less the inset: columns and then rows of the crop, float64 [count + 1] each, the first at the end again. */
function writePlaces(
  x: f64,
  y: f64,
  left: f64,
  top: f64,
  step: f64,
  count: i32,
  cos: usize,
  sin: usize,
  radii: usize,
  places: usize,
): void {
  const middleX = f64x2.splat(x);
  const middleY = f64x2.splat(y);
  const lefts = f64x2.splat(left);
  const tops = f64x2.splat(top);
  const steps = f64x2.splat(step);
  const inset = v128.load(insets);
  const across = (count + 1) * 8;
  for (let i: i32 = 0; i < count; i += 2) {
    const radius = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(radii + i * 4)), inset);
    const column = f64x2.sub(f64x2.add(middleX, f64x2.mul(radius, v128.load(cos + i * 8))), lefts);
    const row = f64x2.sub(f64x2.add(middleY, f64x2.mul(radius, v128.load(sin + i * 8))), tops);
    v128.store(places + i * 8, f64x2.div(column, steps));
    v128.store(places + across + i * 8, f64x2.div(row, steps));
  }
  store<f64>(places + count * 8, load<f64>(places));
  store<f64>(places + across + count * 8, load<f64>(places + across));
}
