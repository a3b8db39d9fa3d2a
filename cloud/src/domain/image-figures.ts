/** What a photograph is like, as figures that limits can be set on. */
import { castDegreesOf, viewFeatures } from '@pomona/grading';
import type { ImageFigures } from '@pomona/wire';

/** Side of the cut-out that figures are taken of, whatever the size of the model's input. */
export const measuredSide = 96;
const highLuma = 250;
const lowLuma = 5;
/** Finlayson and Trezzi, "Shades of gray and colour constancy" (CIC 2004): a Minkowski norm of 6 estimates the light best. */
const norm = 6;

export interface MeasuredPhotograph {
  /** uint8 [height, width, 3] */
  readonly rgb: Uint8Array;
  /** The fruit's cut-out, uint8 [96, 96, 3], black outside. */
  readonly cutOut: Uint8Array;
  readonly sidePx: number;
  readonly score: number;
  readonly outline: readonly (readonly [x: number, y: number])[];
}

export function measureImage({ rgb, cutOut, sidePx, score, outline }: MeasuredPhotograph): ImageFigures {
  const { luma, sharpness } = viewFeatures(cutOut, measuredSide);
  const counts = lumaCounts(cutOut);
  const pixels = Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
  const shareOf = (part: Float64Array) => part.reduce((sum, count) => sum + count, 0) / pixels;
  return {
    sidePx,
    score,
    fill: Math.min(1, areaOf(outline)),
    sharpness,
    luma,
    lumaRange: percentile(counts, pixels, 0.95) - percentile(counts, pixels, 0.05),
    highlights: shareOf(counts.subarray(highLuma)),
    shadows: shareOf(counts.subarray(0, lowLuma + 1)),
    castDegrees: castDegrees(rgb),
  };
}

/** Of a closed outline (shoelace formula). */
function areaOf(outline: readonly (readonly [number, number])[]): number {
  let twice = 0;
  outline.forEach(([x, y], at) => {
    const [nextX, nextY] = outline[(at + 1) % outline.length]!;
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}

/** Pixels inside the mask by their luma. */
function lumaCounts(cutOut: Uint8Array): Float64Array {
  const counts = new Float64Array(256);
  for (let at = 0; at < cutOut.length; at += 3) {
    const [r, g, b] = [cutOut[at]!, cutOut[at + 1]!, cutOut[at + 2]!];
    if (r + g + b === 0) continue;
    counts[(77 * r + 150 * g + 29 * b) >> 8]! += 1;
  }
  return counts;
}

function percentile(counts: Float64Array, total: number, share: number): number {
  let below = 0;
  for (let luma = 0; luma < counts.length; luma++) {
    below += counts[luma]!;
    if (below >= share * total) return luma;
  }
  return 0;
}

/** The angle between the light's estimated colour and grey; a black picture has none. */
function castDegrees(rgb: Uint8Array): number {
  const powers = Float64Array.from({ length: 256 }, (_, value) => (value / 255) ** norm);
  const sums: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < rgb.length; at += 3) for (let c = 0; c < 3; c++) sums[c]! += powers[rgb[at + c]!]!;
  const light = sums.map((sum) => (sum / Math.max(1, rgb.length / 3)) ** (1 / norm)) as typeof sums;
  return castDegreesOf(light);
}
