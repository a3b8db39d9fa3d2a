/** A closed outline around a point: one radius step per angle. Angle `i` of `angles` points at 2 pi i / angles from +x towards +y. */
export const angles = 72;
export const radii = 56;
/** How far the outline may move from one angle to the next, in radius steps. */
const play = 2;
/** What a move of one step costs; of two, four times as much. Fruit is round, shadows and fingers are not. */
const bend = 0.3;
const moves = new Int8Array(2 * angles * radii);

/**
 * The closed outline of greatest reward, `reward` [angles, radii]; -Infinity forbids a place. Dynamic programming over
 * two turns: in the middle of them the path has forgotten where it was free to start and to end.
 */
export function bestContour(reward: Float32Array, out: Uint8Array): void {
  const turns = 2 * angles;
  // Two places on either side that no path can come from spare a check in the innermost loop.
  let before = new Float64Array(radii + 2 * play).fill(Number.NEGATIVE_INFINITY);
  let now = before.slice();
  before.fill(0, play, play + radii);
  for (let t = 0; t < turns; t++) {
    const row = (t % angles) * radii;
    for (let k = 0; k < radii; k++) {
      const v0 = before[k]! - 4 * bend;
      const v1 = before[k + 1]! - bend;
      const v2 = before[k + 2]!;
      const v3 = before[k + 3]! - bend;
      const v4 = before[k + 4]! - 4 * bend;
      let best = v2;
      let move = 0;
      if (v1 > best) {
        best = v1;
        move = -1;
      }
      if (v3 > best) {
        best = v3;
        move = 1;
      }
      if (v0 > best) {
        best = v0;
        move = -2;
      }
      if (v4 > best) {
        best = v4;
        move = 2;
      }
      now[k + play] = best + reward[row + k]!;
      moves[t * radii + k] = move;
    }
    [before, now] = [now, before];
  }
  let k = 0;
  for (let i = 1; i < radii; i++) if (before[i + play]! > before[k + play]!) k = i;
  for (let t = turns - 1; t >= angles / 2; t--) {
    if (t < angles + angles / 2) out[t % angles] = k;
    k += moves[t * radii + k]!;
  }
}

/**
 * Where `count` evenly spread rays from (x, y) leave a polygon given as `xs`, `ys`: the farthest crossing of each, 0 where
 * a ray meets nothing.
 */
export function castRays(
  xs: Float64Array,
  ys: Float64Array,
  x: number,
  y: number,
  count: number,
): Float32Array {
  const out = new Float32Array(count);
  for (let ray = 0; ray < count; ray++) {
    const cos = Math.cos((2 * Math.PI * ray) / count);
    const sin = Math.sin((2 * Math.PI * ray) / count);
    for (let i = 0; i < xs.length; i++) {
      const j = (i + 1) % xs.length;
      const [px, py, qx, qy] = [xs[i]! - x, ys[i]! - y, xs[j]! - x, ys[j]! - y];
      const sideP = cos * py - sin * px;
      const sideQ = cos * qy - sin * qx;
      if (sideP === sideQ || sideP > 0 === sideQ > 0) continue;
      const t = sideP / (sideP - sideQ);
      const distance = cos * (px + t * (qx - px)) + sin * (py + t * (qy - py));
      if (distance > out[ray]!) out[ray] = distance;
    }
  }
  return out;
}
