import type { FruitBlob, LineGeometry } from '@pomona/grading';
import type { Detection } from './track.ts';

/** One cell of the locator's grid and its rounding. */
const edgePx = 6;

/**
 * The locator says `touchesEdge` also of a whole fruit that it joined to a sliver of its neighbour at the frame's edge;
 * it is cut off only where its own outline comes near the edge.
 */
export function detectionOf(
  blob: FruitBlob,
  { mmPerPx, frameWidthPx, frameHeightPx }: LineGeometry,
): Detection {
  const { left, top, right, bottom } = blob.box;
  const isNearEdge =
    Math.min(left, top) < edgePx || right > frameWidthPx - edgePx || bottom > frameHeightPx - edgePx;
  return {
    lane: blob.lane,
    xMm: blob.xPx * mmPerPx,
    lengthMm: 2 * blob.radiusXPx * mmPerPx,
    widthMm: 2 * blob.radiusYPx * mmPerPx,
    touchesEdge: blob.touchesEdge && isNearEdge,
  };
}
