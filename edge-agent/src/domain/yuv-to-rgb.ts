/**
 * Y'CbCr to R'G'B' (ITU-R BT.601-7 section 2.5.1, BT.709-6 section 3, JFIF 1.02 for the full range), in fixed point with 16
 * binary digits. Each sample of chroma colours the two by two pixels that it was averaged from. The result is taken for sRGB:
 * the transfer functions of the two are so close that cameras and screens exchange them.
 */
import type { YuvColours, YuvPixels } from './camera-source.ts';

/** What red and blue weigh in luma. */
const weights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722] } as const;

interface Terms {
  /** By the byte's value; luma with the rounding's half. */
  readonly luma: Int32Array;
  readonly redOfCr: Int32Array;
  readonly greenOfCr: Int32Array;
  readonly greenOfCb: Int32Array;
  readonly blueOfCb: Int32Array;
}

export class YuvToRgb {
  readonly #pixels: YuvPixels;
  readonly #terms: Terms;

  constructor(pixels: YuvPixels, colours: YuvColours) {
    this.#pixels = pixels;
    this.#terms = termsOf(colours);
  }

  /** The first `width` by `height` pixels of `yuv` (I420) into `rgb`, uint8 [height, width, 3]. */
  convert(yuv: Uint8Array, rgb: Uint8Array, width: number, height: number): void {
    const { rowBytes, rows } = this.#pixels;
    const { luma, redOfCr, greenOfCr, greenOfCb, blueOfCb } = this.#terms;
    // Its stores clamp to 0 … 255 without a branch.
    const out = new Uint8ClampedArray(rgb.buffer, rgb.byteOffset, rgb.byteLength);
    const cbStart = rowBytes * rows;
    const crStart = cbStart + (rowBytes / 2) * (rows / 2);
    for (let y = 0; y < height; y++) {
      const lumaRow = y * rowBytes;
      const chromaRow = (y >> 1) * (rowBytes / 2);
      let at = y * width * 3;
      for (let x = 0; x < width; x += 2) {
        const cb = yuv[cbStart + chromaRow + (x >> 1)]!;
        const cr = yuv[crStart + chromaRow + (x >> 1)]!;
        const red = redOfCr[cr]!;
        const green = greenOfCr[cr]! + greenOfCb[cb]!;
        const blue = blueOfCb[cb]!;
        const left = luma[yuv[lumaRow + x]!]!;
        out[at] = (left + red) >> 16;
        out[at + 1] = (left + green) >> 16;
        out[at + 2] = (left + blue) >> 16;
        if (x + 1 < width) {
          const right = luma[yuv[lumaRow + x + 1]!]!;
          out[at + 3] = (right + red) >> 16;
          out[at + 4] = (right + green) >> 16;
          out[at + 5] = (right + blue) >> 16;
        }
        at += 6;
      }
    }
  }
}

function termsOf({ matrix, range }: YuvColours): Terms {
  const [red, blue] = weights[matrix];
  const green = 1 - red - blue;
  const lumaScale = range === 'full' ? 1 : 255 / 219;
  const chromaScale = range === 'full' ? 1 : 255 / 224;
  const chroma = (factor: number): Int32Array =>
    Int32Array.from({ length: 256 }, (_, value) => Math.round((value - 128) * factor * chromaScale * 65_536));
  const black = range === 'full' ? 0 : 16;
  return {
    luma: Int32Array.from({ length: 256 }, (_, value) =>
      Math.round((value - black) * lumaScale * 65_536 + 32_768),
    ),
    redOfCr: chroma(2 * (1 - red)),
    greenOfCr: chroma((-2 * (1 - red) * red) / green),
    greenOfCb: chroma((-2 * (1 - blue) * blue) / green),
    blueOfCb: chroma(2 * (1 - blue)),
  };
}
