import type { Standardise } from '@pomona/wire';
import { equaliseContrast } from './equalise-contrast.ts';
import { castDegreesOf, estimateLight, type Light } from './estimate-light.ts';
import type { Frame } from './frame.ts';
import type { FruitBlob } from './fruit-blob.ts';

/** What is further from grey is the colour of a table, a hand or grass, not of a light that a camera was set to. */
export const castDegreesMax = 10;
const levels = 256;

/**
 * Brings crops of one picture to the colours that a dataset's setting asks for. Whoever makes crops, of photographs, of drawn
 * fruit or on the line, has `cropFruit` call it: the same pixels come out the same everywhere.
 */
export class Standardiser {
  readonly #setting: Standardise;
  /** What a channel's values become, [3, 256]. */
  readonly #balance = new Uint8Array(3 * levels);
  #isBalanced = false;

  constructor(setting: Standardise) {
    this.#setting = setting;
  }

  /** The picture that the next crops are of, and all fruit that was found in it. A crop of which there is no picture has its light left. */
  look(frame: Frame, fruit: readonly Pick<FruitBlob, 'xPx' | 'yPx' | 'semiMajorPx'>[]): void {
    if (this.#setting.whiteBalance === undefined) return;
    const light = estimateLight(frame, fruit);
    this.#isBalanced = light !== undefined && castDegreesOf(light) <= castDegreesMax;
    if (this.#isBalanced) tabulate(light!, this.#balance);
  }

  /** A crop in place, uint8 [size, size, 3] from `offset`; black outside the fruit stays black, and nothing else becomes it. */
  apply(crops: Uint8Array, size: number, offset = 0): void {
    if (this.#isBalanced) balance(crops, offset, size, this.#balance);
    if (this.#setting.contrast !== undefined) equaliseContrast(crops, size, offset);
  }
}

/**
 * Von Kries: each channel by its own factor, so that the light becomes a grey of its own luma. Of sRGB values as they are: a
 * power, which the camera's curve nearly is, of a product is the product of the powers.
 */
function tabulate(light: Light, table: Uint8Array): void {
  const [red, green, blue] = light;
  const grey = (77 * red + 150 * green + 29 * blue) / 256;
  for (let c = 0; c < 3; c++) {
    const factor = grey / light[c]!;
    for (let value = 1; value < levels; value++)
      table[c * levels + value] = Math.min(levels - 1, Math.max(1, Math.round(value * factor)));
  }
}

function balance(crops: Uint8Array, offset: number, size: number, table: Uint8Array): void {
  const end = offset + size * size * 3;
  for (let at = offset; at < end; at += 3) {
    crops[at] = table[crops[at]!]!;
    crops[at + 1] = table[levels + crops[at + 1]!]!;
    crops[at + 2] = table[2 * levels + crops[at + 2]!]!;
  }
}
