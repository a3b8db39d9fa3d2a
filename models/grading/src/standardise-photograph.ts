import type { Standardise } from '@pomona/wire';
import { cropFill, cropFruit } from './crop-fruit.ts';
import { castRays } from './cut-out-contour.ts';
import { cutOutFruit } from './cut-out-fruit.ts';
import { fitEllipse } from './fit-ellipse.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';
import { Standardiser } from './standardiser.ts';

/** The search is coarse: a sliver less of the fruit is better than a sliver of what lies behind it. */
const insideShare = 0.97;

export interface StandardCrop {
  /** uint8 [size, size, 3], RGB, the same as `cropFruit` makes of a fruit on the line. */
  readonly crop: Uint8Array;
  /** 0 to 1: how far to trust the outline. */
  readonly score: number;
  /** Corners of the outline that was cut along, as shares of the picture's width and height. */
  readonly outline: readonly (readonly [x: number, y: number])[];
  /** What the crop shows, as shares of the picture's width and height; may reach beyond it. */
  readonly cropPlace: CropPlace;
}

export interface CropPlace {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface PhotographedFruit extends Omit<StandardCrop, 'crop'> {
  /** Another crop costs little: the search for the outline is done. */
  cropTo(size: number, standardise?: Standardise): Uint8Array;
}

/** `rgb` uint8 [height, width, 3]. Undefined when nothing in the picture resembles a fruit. */
export function standardisePhotograph(
  rgb: Uint8Array,
  width: number,
  height: number,
  size: number,
): StandardCrop | undefined {
  const found = findPhotographedFruit(rgb, width, height);
  if (found === undefined) return undefined;
  const { score, outline, cropPlace } = found;
  return { crop: found.cropTo(size), score, outline, cropPlace };
}

/** As `standardisePhotograph`, where more than one crop is wanted. */
export function findPhotographedFruit(
  rgb: Uint8Array,
  width: number,
  height: number,
): PhotographedFruit | undefined {
  const found = cutOutFruit(rgb, width, height);
  const ellipse = found && fitEllipse(found.outlinePx);
  if (!found || !ellipse) return undefined;
  const rays = found.outlinePx.length;
  const along = (ray: number) => (2 * Math.PI * ray) / rays;
  const xs = Float64Array.from(found.outlinePx, (radius, ray) => found.xPx + radius * Math.cos(along(ray)));
  const ys = Float64Array.from(found.outlinePx, (radius, ray) => found.yPx + radius * Math.sin(along(ray)));
  const xPx = found.xPx + ellipse.x;
  const yPx = found.yPx + ellipse.y;
  const blob: FruitBlob = {
    lane: 0,
    xPx,
    yPx,
    radiusXPx: ellipse.semiMajor,
    radiusYPx: ellipse.semiMajor,
    semiMajorPx: ellipse.semiMajor,
    semiMinorPx: ellipse.semiMinor,
    areaPx: Math.PI * ellipse.semiMajor * ellipse.semiMinor,
    box: { left: 0, top: 0, right: width, bottom: height },
    outlinePx: castRays(xs, ys, xPx, yPx, outlineRays).map((radius) => radius * insideShare),
    touchesEdge: false,
    unlikeFruit: false,
  };
  const frame = { width, height, data: rgb, seq: 0, capturedAtMs: 0, encoderMm: 0 };
  const outline = [...xs].map((x, ray) => [x / width, ys[ray]! / height] as const);
  const sidePx = (2 * ellipse.semiMajor) / cropFill;
  return {
    score: found.score,
    outline,
    cropPlace: {
      left: (xPx - sidePx / 2) / width,
      top: (yPx - sidePx / 2) / height,
      width: sidePx / width,
      height: sidePx / height,
    },
    cropTo(size, standardise) {
      const crop = new Uint8Array(size * size * 3);
      const standardiser = standardise && new Standardiser(standardise);
      standardiser?.look(frame, [blob]);
      cropFruit(frame, blob, size, crop, 0, standardiser);
      return crop;
    },
  };
}
