/** What sticks out further than this share of the ellipse is a stem, not the fruit. */
export const stickOut: f64 = 0.05;
/** What is further inside is a cavity seen from the side, or rot as dark as the belt. */
export const dip: f64 = 0.12;
/** A cavity is narrow, or it is shallow; rot is neither. Widths as shares of the turn, depths of the radius. */
const narrowTurnMax: f64 = 0.14;
const narrowDepthMax: f64 = 0.32;
const shallowTurnMax: f64 = 0.25;
const shallowDepthMax: f64 = 0.2;
/** Rays that a stem hides are bridged between their neighbours up to this share of the turn. */
const bridgeTurnMax: f64 = 0.08;

/**
 * Makes a fruit's outline of what rays from its centre found, in place: `n` radii, float32, at equal steps of a whole
 * turn, NaN where nothing was found. Stems are cut off, cavities are kept, bites of dark rot are filled up to the ellipse, whose
 * radii, float32 [n], stand at `model`, and the rest is smoothed lightly. `n` is a multiple of four; `scratch`: 4 n + 8 bytes.
 */
export function repairOutline(n: i32, radii: usize, model: usize, scratch: usize): void {
  const share = scratch + 4;
  let out: i32 = 0;
  let dips: i32 = 0;
  for (let i: i32 = 0; i < n; i++) {
    const value = load<f32>(radii + i * 4) / load<f32>(model + i * 4);
    store<f32>(share + i * 4, value);
    out += i32(sticksOut(value));
    dips += i32(dipsIn(value));
  }
  // Most outlines need no repair.
  if (out > 0) bridgeRuns(n, share);
  // A bridge between two dips is a dip.
  if (dips > 0) fillRuns(n, share);
  smooth(n, radii, model, share);
}

/** Makes radii, a multiple of four, of shares of the ellipse's, each with a part of those beside it. 4 bytes in front of the shares and behind them are written to. */
export function smooth(n: i32, radii: usize, model: usize, share: usize): void {
  store<f32>(share - 4, load<f32>(share + (n - 1) * 4));
  store<f32>(share + n * 4, load<f32>(share));
  const quarter = f32x4.splat(0.25);
  for (let i: i32 = 0; i < n; i += 4) {
    const at = share + i * 4;
    const here = v128.load(at);
    const around = f32x4.add(f32x4.add(v128.load(at - 4), f32x4.add(here, here)), v128.load(at + 4));
    v128.store(radii + i * 4, f32x4.mul(f32x4.mul(v128.load(model + i * 4), around), quarter));
  }
}

function sticksOut(share: f32): bool {
  return !(f64(share) <= 1 + stickOut);
}

function dipsIn(share: f32): bool {
  return f64(share) < 1 - dip;
}

/** When nothing is left to go by, all becomes the ellipse. */
export function bridgeRuns(n: i32, share: usize): void {
  let start: i32 = 0;
  while (start < n && sticksOut(load<f32>(share + start * 4))) start++;
  if (start === n) {
    fill(n, share, 0, n);
    return;
  }
  for (let k: i32 = 1; k < n; k++) {
    let length: i32 = 0;
    while (k + length < n && sticksOut(load<f32>(share + ((start + k + length) % n) * 4))) length++;
    if (length === 0) continue;
    bridge(n, share, (start + k) % n, length);
    k += length;
  }
}

function bridge(n: i32, share: usize, from: i32, length: i32): void {
  if (f64(length) > bridgeTurnMax * n) {
    fill(n, share, from, length);
    return;
  }
  const before = load<f32>(share + ((from + n - 1) % n) * 4);
  const step = (load<f32>(share + ((from + length) % n) * 4) - before) / f32(length + 1);
  for (let k: i32 = 0; k < length; k++) {
    store<f32>(share + ((from + k) % n) * 4, before + step * f32(k + 1));
  }
}

export function fillRuns(n: i32, share: usize): void {
  let start: i32 = 0;
  while (start < n && dipsIn(load<f32>(share + start * 4))) start++;
  if (start === n) {
    fill(n, share, 0, n);
    return;
  }
  for (let k: i32 = 1; k < n; k++) {
    let deepest: f64 = 1;
    let length: i32 = 0;
    while (k + length < n) {
      const value = load<f32>(share + ((start + k + length) % n) * 4);
      if (!dipsIn(value)) break;
      deepest = Math.min(deepest, value);
      length++;
    }
    if (length === 0) continue;
    const turn = f64(length) / n;
    const isCavity =
      (turn <= narrowTurnMax && deepest >= 1 - narrowDepthMax) ||
      (turn <= shallowTurnMax && deepest >= 1 - shallowDepthMax);
    if (!isCavity) fill(n, share, (start + k) % n, length);
    k += length;
  }
}

/** Makes shares those of the ellipse. */
function fill(n: i32, share: usize, from: i32, length: i32): void {
  for (let k: i32 = 0; k < length; k++) store<f32>(share + ((from + k) % n) * 4, 1);
}
