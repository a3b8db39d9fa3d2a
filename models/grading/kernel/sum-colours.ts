/**
 * Of every fourth of `pixels` pixels at `crop`, uint8 [pixels, 3], those that are not black: the sums of their red, green and
 * blue, and how many they are, to `out`, int32 [4].
 */
export function sumColours(crop: usize, pixels: i32, out: usize): void {
  let red = i32x4.splat(0);
  let green = i32x4.splat(0);
  let blue = i32x4.splat(0);
  let count = i32x4.splat(0);
  const byte = i32x4.splat(255);
  const end = crop + pixels * 3;
  let at = crop;
  for (; at + 48 <= end; at += 48) {
    const first = v128.load(at);
    const second = v128.load(at, 16);
    const third = v128.load(at, 32);
    // Pixels 0, 4, 8 and 12 of 16: they begin a word each.
    const four = i32x4.shuffle(i32x4.shuffle(first, second, 0, 3, 6, 6), third, 0, 1, 2, 5);
    const pixel = v128.and(four, i32x4.splat(0xffffff));
    red = i32x4.add(red, v128.and(pixel, byte));
    green = i32x4.add(green, v128.and(i32x4.shr_u(pixel, 8), byte));
    blue = i32x4.add(blue, i32x4.shr_u(pixel, 16));
    count = i32x4.sub(count, i32x4.ne(pixel, i32x4.splat(0)));
  }
  let redSum = sumOf(red);
  let greenSum = sumOf(green);
  let blueSum = sumOf(blue);
  let counted = sumOf(count);
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

function sumOf(four: v128): i32 {
  return (
    i32x4.extract_lane(four, 0) +
    i32x4.extract_lane(four, 1) +
    i32x4.extract_lane(four, 2) +
    i32x4.extract_lane(four, 3)
  );
}
