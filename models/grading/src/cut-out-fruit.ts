/**
 * Finds the one fruit of a photograph. Its outline is the closed contour around a point that has strong edges along it
 * and the fruit's colours inside it. Which colours are the fruit's is not known beforehand: it is guessed from a circle,
 * and guessed again from each outline that was found. Several starting circles are tried; the outline with the best
 * contrast, that resembles an ellipse and does not run along the picture's border, is kept.
 */
import { indexColours } from './cut-out-colours.ts';
import { searchImageOf } from './cut-out-image.ts';
import { ContourSearch, type CutOut } from './cut-out-search.ts';

/** Radii of the starting circles as shares of the picture's smaller side. */
const startSizes = [0.13, 0.22, 0.34, 0.46];
/** Centres of the starting circles as shares of the picture's width and height. */
const startCentres = [0.35, 0.5, 0.65];

/** `rgb` uint8 [height, width, 3]. Undefined when nothing in it resembles a fruit. */
export function cutOutFruit(rgb: Uint8Array, width: number, height: number): CutOut | undefined {
  const image = searchImageOf(rgb, width, height);
  const search = new ContourSearch(image, indexColours(image));
  let best: CutOut | undefined;
  const side = Math.min(image.width, image.height);
  for (const x of startCentres) {
    for (const y of startCentres) {
      for (const size of startSizes) {
        const found = search.from(x * image.width, y * image.height, size * side);
        if (found && (!best || found.score > best.score)) best = found;
      }
    }
  }
  if (!best) return undefined;
  const { scale } = image;
  return {
    xPx: best.xPx * scale,
    yPx: best.yPx * scale,
    outlinePx: best.outlinePx.map((radius) => radius * scale),
    score: best.score,
  };
}
