import type { FruitBlob, LineGeometry } from '@pomona/grading';
import type { Detection } from './detection.ts';

type Writable<T> = { -readonly [name in keyof T]: T[name] };

/** One cell of the locator's grid and its rounding. */
const edgePx = 6;

/** Blobs of a frame as a tracker wants them. They are there for every frame anew. */
export class Detections {
  readonly #room: Writable<Detection>[] = [];
  readonly #all: Detection[] = [];

  /** One for each blob; good until the next call. */
  of(blobs: readonly FruitBlob[], geometry: LineGeometry): readonly Detection[] {
    const all = this.#all;
    for (let i = 0; i < blobs.length; i++) {
      this.#room[i] ??= newDetection();
      const detection = this.#room[i]!;
      detect(blobs[i]!, geometry, detection);
      all[i] = detection;
    }
    if (all.length > blobs.length) all.length = blobs.length;
    return all;
  }
}

function newDetection(): Writable<Detection> {
  return {
    lane: 0,
    xMm: Number.NaN,
    lengthMm: Number.NaN,
    widthMm: Number.NaN,
    touchesEdge: false,
    unlikeFruit: false,
  };
}

/**
 * The locator says `touchesEdge` also of a whole fruit that it joined to a sliver of its neighbour at the frame's edge;
 * it is cut off only where its own outline comes near the edge.
 */
function detect(
  blob: FruitBlob,
  { mmPerPx, frameWidthPx, frameHeightPx }: LineGeometry,
  out: Writable<Detection>,
): void {
  const { left, top, right, bottom } = blob.box;
  const isNearEdge =
    Math.min(left, top) < edgePx || right > frameWidthPx - edgePx || bottom > frameHeightPx - edgePx;
  out.lane = blob.lane;
  out.xMm = blob.xPx * mmPerPx;
  out.lengthMm = 2 * blob.radiusXPx * mmPerPx;
  out.widthMm = 2 * blob.radiusYPx * mmPerPx;
  out.touchesEdge = blob.touchesEdge && isNearEdge;
  out.unlikeFruit = blob.unlikeFruit;
}
