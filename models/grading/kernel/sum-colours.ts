/** So many bytes fit 16 bits together. */
const bytesSummed: i32 = 257;
/** In memory, since V8 makes a constant anew wherever it is used. */
const colourBytes = memory.data<i32>([0xffffff, 0xffffff, 0xffffff, 0xffffff], 16);
const redBytes = memory.data<i32>([0xff00ff, 0xff00ff, 0xff00ff, 0xff00ff], 16);
const halves = memory.data<i32>([0xffff, 0xffff, 0xffff, 0xffff], 16);

/**
 * Of every fourth of `pixels` pixels at `crop`, uint8 [pixels, 3], those that are not black: the sums of their red, green and
 * blue, and how many they are, to `out`, int32 [4].
 */
export function sumColours(crop: usize, pixels: i32, out: usize): void {
  let red = i32x4.splat(0);
  let green = i32x4.splat(0);
  let blue = i32x4.splat(0);
  let blacks = i32x4.splat(0);
  const zero = i32x4.splat(0);
  const colours = v128.load(colourBytes);
  const reds = v128.load(redBytes);
  const lowHalves = v128.load(halves);
  const end = crop + pixels * 3;
  let at = crop;
  while (at + 48 <= end) {
    // Sums of bytes, as many as 16 bits hold: red below and blue above; and green.
    const some = min(end, at + 48 * bytesSummed);
    let redBlue = zero;
    let greenOnly = zero;
    for (; at + 48 <= some; at += 48) {
      // Pixels 0, 4, 8 and 12 of 16: they begin a word each, and no two of them the same of four.
      const two = i32x4.shuffle(v128.load(at), v128.load(at, 16), 0, 1, 6, 3);
      const pixel = v128.and(i32x4.shuffle(two, v128.load(at, 32), 0, 5, 2, 3), colours);
      redBlue = i32x4.add(redBlue, v128.and(pixel, reds));
      greenOnly = i32x4.add(greenOnly, i16x8.shr_u(pixel, 8));
      blacks = i32x4.sub(blacks, i32x4.eq(pixel, zero));
    }
    red = i32x4.add(red, v128.and(redBlue, lowHalves));
    blue = i32x4.add(blue, i32x4.shr_u(redBlue, 16));
    green = i32x4.add(green, greenOnly);
  }
  let redSum = sumOf(red);
  let greenSum = sumOf(green);
  let blueSum = sumOf(blue);
  let counted = (i32(at - crop) / 48) * 4 - sumOf(blacks);
  for (; at < end; at += 12) {
    const r = i32(load<u8>(at));
    const g = i32(load<u8>(at, 1));
    const b = i32(load<u8>(at, 2));
    redSum += r;
    greenSum += g;
    blueSum += b;
    counted += i32((r | g | b) !== 0);
  }
  store<i32>(out, redSum);
  store<i32>(out, greenSum, 4);
  store<i32>(out, blueSum, 8);
  store<i32>(out, counted, 12);
}

/** Of four numbers of 32 bits. */
export function sumOf(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    i32x4.extract_lane(four, 2) +
    i32x4.extract_lane(four, 3)
  );
}
