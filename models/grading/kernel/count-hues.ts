import { sumOf } from './sum-colours';

/** So many pixels are looked at together. */
const together: i32 = 4;
/** In memory, since V8 makes a constant anew wherever it is used: a byte of each, and by what chroma and brightness are held against each other. */
const bytes = memory.data<i32>([255, 255, 255, 255], 16);
const twenties = memory.data<i32>([20, 20, 20, 20], 16);
const threes = memory.data<i32>([3, 3, 3, 3], 16);
/** Added to a whole number this leaves it in the low bits, as in `follow-belt.ts`; what is no number becomes far more than there are bins. */
const bitsOfWhole = memory.data<f32>([12_582_912, 12_582_912, 12_582_912, 12_582_912], 16);
const sixties = memory.data<i32>([60, 60, 60, 60], 16);

/**
 * Of every `every`th of `pixels` pixels at `crop`, uint8 [pixels, 3], that is not black: counts by hue to `out`, uint16 [bins + 2], in steps of `step`
 * degrees from `from` on; behind them those that have no such hue, and then how many they are together. A pixel whose brightest colour
 * is below `brightest`, or which is greyer than a share of 3/20 of it, has none, and neither has one that is bluest. Four times as much as
 * that, rounded up to 16 bytes, may be written to.
 */
export function countHues(
  crop: usize,
  pixels: i32,
  every: i32,
  brightest: i32,
  from: f32,
  step: f32,
  bins: i32,
  out: usize,
): void {
  // A table for each of the pixels that are looked at together: side by side they are mostly of one hue, and each would wait for the one before.
  const tableBytes = ((bins + 2) * 2 + 15) & ~15;
  const none = i32x4.splat(0);
  for (let byte: i32 = 0; byte < together * tableBytes; byte += 16) v128.store(out + byte, none);
  const stride = every * 3;
  const looked = (pixels + every - 1) / every;
  const byte = v128.load(bytes);
  const twenty = v128.load(twenties);
  const three = v128.load(threes);
  const sixty = v128.load(sixties);
  const zero = i32x4.sub(byte, byte);
  const least = i32x4.splat(brightest);
  const width = f32x4.splat(step);
  const end = i32x4.splat(bins);
  const bits = v128.load(bitsOfWhole);
  const fromRed = f32x4.splat(-from);
  const fromGreen = f32x4.splat(120 - from);
  let skin = i32x4.splat(0);
  let at = crop;
  for (let i: i32 = 0; i < looked; i += together, at += together * stride) {
    const left = looked - i;
    let pixel = v128.load32_zero(at);
    // Black ones stand for those that there are not.
    if (left > 1) pixel = v128.load32_lane(at + stride, pixel, 1);
    if (left > 2) pixel = v128.load32_lane(at + 2 * stride, pixel, 2);
    if (left > 3) pixel = v128.load32_lane(at + 3 * stride, pixel, 3);
    const red = v128.and(pixel, byte);
    const green = v128.and(i32x4.shr_u(pixel, 8), byte);
    const blue = v128.and(i32x4.shr_u(pixel, 16), byte);
    const most = i32x4.max_s(red, i32x4.max_s(green, blue));
    const isSkin = i32x4.gt_s(most, zero);
    skin = i32x4.sub(skin, isSkin);
    const chroma = i32x4.sub(most, i32x4.min_s(red, i32x4.min_s(green, blue)));
    const isRed = i32x4.eq(red, most);
    const isBright = i32x4.ge_s(most, least);
    const isColoured = i32x4.ge_s(i32x4.mul(chroma, twenty), i32x4.mul(most, three));
    const difference = v128.bitselect(i32x4.sub(green, blue), i32x4.sub(blue, red), isRed);
    const sixtieths = f32x4.div(
      f32x4.convert_i32x4_s(i32x4.mul(difference, sixty)),
      f32x4.convert_i32x4_s(chroma),
    );
    const hue = f32x4.add(sixtieths, v128.bitselect(fromRed, fromGreen, isRed));
    const bin = i32x4.sub(f32x4.add(f32x4.floor(f32x4.div(hue, width)), bits), bits);
    let hasHue = v128.and(v128.and(isBright, isColoured), v128.or(isRed, i32x4.eq(green, most)));
    hasHue = v128.and(hasHue, v128.and(i32x4.ge_s(bin, zero), i32x4.lt_s(bin, end)));
    const place = i32x4.shl(v128.bitselect(bin, end, hasHue), 1);
    increase(out + i32x4.extract_lane(place, 0));
    increase(out + tableBytes + i32x4.extract_lane(place, 1));
    increase(out + 2 * tableBytes + i32x4.extract_lane(place, 2));
    increase(out + 3 * tableBytes + i32x4.extract_lane(place, 3));
  }
  for (let at = out; at < out + tableBytes; at += 16) {
    const first = i16x8.add(v128.load(at), v128.load(at + tableBytes));
    const second = i16x8.add(v128.load(at + 2 * tableBytes), v128.load(at + 3 * tableBytes));
    v128.store(at, i16x8.add(first, second));
  }
  store<u16>(out + (bins + 1) * 2, u16(sumOf(skin)));
}

function increase(at: usize): void {
  store<u16>(at, load<u16>(at) + 1);
}
