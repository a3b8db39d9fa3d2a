/** What sticks out further than this share of the ellipse is a stem, not the fruit. */
export const stickOut = 0.05;
/** What is further inside is a cavity seen from the side, or rot as dark as the belt. */
const dip = 0.12;
/** A cavity is narrow, or it is shallow; rot is neither. Widths as shares of the turn, depths of the radius. */
const cavities = [
  { turnMax: 0.14, depthMax: 0.32 },
  { turnMax: 0.25, depthMax: 0.2 },
] as const;
/** Rays that a stem hides are bridged between their neighbours up to this share of the turn. */
const bridgeTurnMax = 0.08;

/**
 * Makes a fruit's outline of what rays from its centre found, in place: radii at equal steps of a whole turn, NaN where
 * nothing was found. Stems are cut off, cavities are kept, bites of dark rot are filled up to the ellipse, whose
 * radii `model` holds, and the rest is smoothed lightly.
 */
export function repairOutline(radii: Float32Array, model: Float32Array): void {
  const n = radii.length;
  const share = new Float32Array(n);
  for (let i = 0; i < n; i++) share[i] = radii[i]! / model[i]!;
  forEachRun(
    share,
    (value) => !(value <= 1 + stickOut),
    (from, length) => bridge(share, from, length),
  );
  forEachRun(
    share,
    (value) => value < 1 - dip,
    (from, length) => fillUnlessCavity(share, from, length),
  );
  let before = share[n - 1]!;
  for (let i = 0; i < n; i++) {
    const here = share[i]!;
    const after = i + 1 < n ? share[i + 1]! : share[0]!;
    radii[i] = (model[i]! * (before + 2 * here + after)) / 4;
    before = here;
  }
}

function bridge(share: Float32Array, from: number, length: number): void {
  const n = share.length;
  const isNarrow = length <= bridgeTurnMax * n;
  const before = isNarrow ? share[(from + n - 1) % n]! : 1;
  const after = isNarrow ? share[(from + length) % n]! : 1;
  for (let k = 0; k < length; k++) {
    share[(from + k) % n] = before + ((after - before) * (k + 1)) / (length + 1);
  }
}

function fillUnlessCavity(share: Float32Array, from: number, length: number): void {
  const n = share.length;
  let deepest = 1;
  for (let k = 0; k < length; k++) deepest = Math.min(deepest, share[(from + k) % n]!);
  if (cavities.some(({ turnMax, depthMax }) => length <= turnMax * n && deepest >= 1 - depthMax)) return;
  for (let k = 0; k < length; k++) share[(from + k) % n] = 1;
}

/** Calls `act` for each run, around the turn, of values that match; when all of them do there is nothing to go by: all become 1. */
function forEachRun(
  values: Float32Array,
  matches: (value: number) => boolean,
  act: (from: number, length: number) => void,
): void {
  // Most outlines need no repair.
  if (!values.some(matches)) return;
  const n = values.length;
  const start = values.findIndex((value) => !matches(value));
  if (start < 0) {
    values.fill(1);
    return;
  }
  for (let k = 1; k < n; k++) {
    const from = (start + k) % n;
    let length = 0;
    while (k + length < n && matches(values[(from + length) % n]!)) length++;
    if (length === 0) continue;
    act(from, length);
    k += length;
  }
}
