/**
 * A smaller picture of `rgb`, uint8 [height, width, 3]: every pixel the mean of `factor` × `factor`; what is left over at the right
 * and at the bottom is cut off.
 */
export function shrinkPicture(rgb: Uint8Array, width: number, height: number, factor: number): Picture {
  const outWidth = Math.floor(width / factor);
  const outHeight = Math.floor(height / factor);
  const pixels = new Uint8Array(outWidth * outHeight * 3);
  const count = factor * factor;
  for (let y = 0, to = 0; y < outHeight; y++) {
    for (let x = 0; x < outWidth; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = 0; row < factor; row++) {
        let at = ((y * factor + row) * width + x * factor) * 3;
        for (let column = 0; column < factor; column++, at += 3) {
          red += rgb[at]!;
          green += rgb[at + 1]!;
          blue += rgb[at + 2]!;
        }
      }
      pixels[to] = red / count;
      pixels[to + 1] = green / count;
      pixels[to + 2] = blue / count;
    }
  }
  return { width: outWidth, height: outHeight, pixels };
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** uint8 [height, width, 3], RGB. */
  readonly pixels: Uint8Array;
}
