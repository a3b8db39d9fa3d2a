/**
 * The shares of the skin that are defect and rot, to `out`, float64 [2]: by a map of `cells` cells at `map`, float32 [cells, 2], which show so much of
 * the skin as `skin`, float64 [cells], says. Shares of a cell below `least` count for nothing.
 */
export function shareDefects(map: usize, skin: usize, cells: i32, least: f64, out: usize): void {
  const leasts = f64x2.splat(least);
  let sum = f64x2.splat(0);
  for (let cell: i32 = 0; cell < cells; cell++) {
    const shares = f64x2.promote_low_f32x4(v128.load64_zero(map + cell * 8));
    const weighted = f64x2.mul(v128.load64_splat(skin + cell * 8), shares);
    sum = f64x2.add(sum, v128.and(weighted, f64x2.ge(shares, leasts)));
  }
  v128.store(out, sum);
}
