/**
 * Where things are on a line: the camera looks down on the belt, fruit enters at x = 0 and leaves at
 * x = frame width; lanes lie side by side along y and are equally wide.
 */
export interface LineGeometry {
  readonly frameWidthPx: number;
  readonly frameHeightPx: number;
  readonly mmPerPx: number;
  readonly lanes: number;
  /** From the camera's exit edge (x = frame width) to the gates, along the belt. */
  readonly gateDistanceMm: number;
  /** Smallest and largest fruit that the line carries. */
  readonly fruitDiameterMinMm: number;
  readonly fruitDiameterMaxMm: number;
}

export const defaultLineGeometry: LineGeometry = {
  frameWidthPx: 640,
  frameHeightPx: 320,
  mmPerPx: 0.9,
  lanes: 2,
  gateDistanceMm: 300,
  fruitDiameterMinMm: 60,
  fruitDiameterMaxMm: 90,
};

/** What lanes are made of. */
type Lanes = Pick<LineGeometry, 'frameHeightPx' | 'lanes'>;

export function laneHeightPx(geometry: Lanes): number {
  return geometry.frameHeightPx / geometry.lanes;
}

/** Middle of a lane; lanes count from 0 at the top. */
export function laneCentreYPx(geometry: Lanes, lane: number): number {
  return (lane + 0.5) * laneHeightPx(geometry);
}

/** The lane that a row of the frame belongs to. */
export function laneAt(geometry: Lanes, yPx: number): number {
  const lane = Math.floor(yPx / laneHeightPx(geometry));
  return Math.min(Math.max(lane, 0), geometry.lanes - 1);
}

/**
 * The encoder position at which something at `xPx` now reaches the exit edge. It stays the same while the
 * thing travels with the belt, so it names a fruit's place on the belt.
 */
export function exitPositionMm(geometry: LineGeometry, xPx: number, encoderMm: number): number {
  return encoderMm + (geometry.frameWidthPx - xPx) * geometry.mmPerPx;
}
