/** A picture made small enough for the search of the fruit's outline. */
export interface SearchImage {
  readonly width: number;
  readonly height: number;
  /** Pixels of the original per pixel of this one. */
  readonly scale: number;
  /** Lab [height, width, 3], lightness halved: shading matters less than colour. */
  readonly lab: Float32Array;
  /** Index of one more pixel in `lab`: what the picture's border looks like, and so what may lie beyond it. */
  readonly beyond: number;
}

const sideMax = 144;

/** `rgb` uint8 [height, width, 3]. Averages boxes of pixels, so that texture becomes colour. */
export function searchImageOf(rgb: Uint8Array, width: number, height: number): SearchImage {
  const scale = Math.max(1, Math.max(width, height) / sideMax);
  const w = Math.max(1, Math.round(width / scale));
  const h = Math.max(1, Math.round(height / scale));
  const lab = new Float32Array((w * h + 1) * 3);
  for (let y = 0; y < h; y++) {
    const top = Math.floor((y * height) / h);
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * height) / h));
    for (let x = 0; x < w; x++) {
      const left = Math.floor((x * width) / w);
      const right = Math.max(left + 1, Math.floor(((x + 1) * width) / w));
      let r = 0;
      let g = 0;
      let b = 0;
      for (let sy = top; sy < bottom; sy++) {
        for (let at = (sy * width + left) * 3; at < (sy * width + right) * 3; at += 3) {
          r += linear[rgb[at]!]!;
          g += linear[rgb[at + 1]!]!;
          b += linear[rgb[at + 2]!]!;
        }
      }
      writeLab(lab, (y * w + x) * 3, r, g, b, (bottom - top) * (right - left));
    }
  }
  writeBorderColour(lab, w, h);
  return { width: w, height: h, scale, lab, beyond: w * h };
}

/** The median of the border: a fruit that reaches it in places does not count. */
function writeBorderColour(lab: Float32Array, w: number, h: number): void {
  const border: number[] = [];
  for (let x = 0; x < w; x++) border.push(x, (h - 1) * w + x);
  for (let y = 0; y < h; y++) border.push(y * w, y * w + w - 1);
  for (let c = 0; c < 3; c++) {
    const values = Float32Array.from(border, (pixel) => lab[pixel * 3 + c]!).sort();
    lab[w * h * 3 + c] = values[values.length >> 1]!;
  }
}

/** sRGB to linear light (IEC 61966-2-1). */
const linear = Float32Array.from({ length: 256 }, (_, value) => {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

/** CIE 1976 L*a*b* under D65 of the mean of `count` linear colours. */
function writeLab(lab: Float32Array, at: number, r: number, g: number, b: number, count: number): void {
  const x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / (0.95047 * count));
  const y = root((0.2126 * r + 0.7152 * g + 0.0722 * b) / count);
  const z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / (1.08883 * count));
  lab[at] = (116 * y - 16) / 2;
  lab[at + 1] = 500 * (x - y);
  lab[at + 2] = 200 * (y - z);
}

function root(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}
