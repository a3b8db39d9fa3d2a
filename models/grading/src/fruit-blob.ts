/** Rays from a fruit's centre that describe its outline; ray `i` points at angle `2 pi i / outlineRays` from +x towards +y. */
export const outlineRays = 64;

/** One fruit in one frame. All lengths in pixels of the frame; pixel (0, 0) covers 0..1 in x and y. */
export interface FruitBlob {
  /** Counts from 0 at the top of the frame. */
  readonly lane: number;
  /** Centre of the fitted ellipse. */
  readonly xPx: number;
  readonly yPx: number;
  /** Half width and half height of the fitted ellipse's bounding box. */
  readonly radiusXPx: number;
  readonly radiusYPx: number;
  /** Half axes of the fitted ellipse. */
  readonly semiMajorPx: number;
  readonly semiMinorPx: number;
  readonly areaPx: number;
  readonly box: FruitBox;
  /** Distance from the centre to the fruit's edge along each ray; bites that dark rot takes are filled. */
  readonly outlinePx: Float32Array;
  /** Part of the fruit is outside the frame: centre and radii are then rough, and the outline may be the ellipse's. */
  readonly touchesEdge: boolean;
  /** It is too long, too large, hollow or flat for an apple, as far as one picture can tell. Never said of what the frame's edge cuts off. */
  readonly unlikeFruit: boolean;
}

/** `left <= x < right`, `top <= y < bottom`, within the frame. */
export interface FruitBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}
