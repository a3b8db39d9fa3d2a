/** Figures of a picture that `view@2` has beyond those that the line counts itself (`viewFeatures`). */
import { hueOf } from '@pomona/grading';

export interface PictureFigures {
  readonly contrast: number;
  readonly lumaSkewness: number;
  readonly saturationDeviation: number;
  readonly saturationSkewness: number;
  readonly redShare: number;
  readonly roundness: number;
}

/** Degrees around red, and the saturation from which a hue means something. */
const redBelow = 20;
const redAbove = -40;
const colouredMin = 0.25;

const none: PictureFigures = {
  ...{
    contrast: 0,
    lumaSkewness: 0,
    saturationDeviation: 0,
    saturationSkewness: 0,
    redShare: 0,
    roundness: 0,
  },
};

/** Of the `crop` uint8 [size, size, 3] that begins at `offset`; black is outside. */
export function pictureFigures(crop: Uint8Array, size: number, offset = 0): PictureFigures {
  const lumas: number[] = [];
  const saturations: number[] = [];
  const mask = new MaskMoments();
  let reds = 0;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = offset + (y * size + x) * 3;
      const [r, g, b] = [crop[at]!, crop[at + 1]!, crop[at + 2]!];
      const max = Math.max(r, g, b);
      if (max === 0) continue;
      const saturation = (max - Math.min(r, g, b)) / max;
      lumas.push((77 * r + 150 * g + 29 * b) / 256);
      saturations.push(saturation);
      mask.add(x, y);
      const hue = hueOf(r, g, b);
      if (saturation >= colouredMin && hue >= redAbove && hue <= redBelow) reds++;
    }
  }
  if (lumas.length === 0) return none;
  const luma = momentsOf(lumas);
  const saturation = momentsOf(saturations);
  return {
    ...{ contrast: luma.deviation, lumaSkewness: luma.skewness },
    ...{ saturationDeviation: saturation.deviation, saturationSkewness: saturation.skewness },
    ...{ redShare: reds / lumas.length, roundness: mask.roundness() },
  };
}

/** Stricker and Orengo, "Similarity of color images" (1995): what the mean leaves out of how a channel lies. */
function momentsOf(values: readonly number[]): { deviation: number; skewness: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [squares, cubes] = [0, 0];
  for (const value of values) {
    const off = value - mean;
    squares += off * off;
    cubes += off * off * off;
  }
  const deviation = Math.sqrt(squares / values.length);
  return { deviation, skewness: deviation < 1e-9 ? 0 : cubes / values.length / deviation ** 3 };
}

class MaskMoments {
  #count = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;

  add(x: number, y: number): void {
    this.#count++;
    this.#x += x;
    this.#y += y;
    this.#xx += x * x;
    this.#xy += x * y;
    this.#yy += y * y;
  }

  /** The short axis over the long one of the ellipse with the mask's second moments; a disc has 1. */
  roundness(): number {
    const n = this.#count;
    // A pixel is a square: it has a twelfth of its own.
    const xx = this.#xx / n - (this.#x / n) ** 2 + 1 / 12;
    const yy = this.#yy / n - (this.#y / n) ** 2 + 1 / 12;
    const xy = this.#xy / n - (this.#x * this.#y) / n ** 2;
    const spread = Math.hypot((xx - yy) / 2, xy);
    const middle = (xx + yy) / 2;
    return Math.sqrt(Math.max(0, middle - spread) / (middle + spread));
  }
}
