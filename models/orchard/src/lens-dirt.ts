import type { LineGeometry } from '@pomona/grading';
import { randomBetween, seededRandom } from '@pomona/wire';
import type { Picture } from './conveyor.ts';

const smears = 26;
const haze = 60;
const blurPx = 5;

/** Juice, wax and dust on the camera's window: it blurs what is behind it and lays a pale haze over it. */
export class LensDirt {
  readonly #frameWidthPx: number;
  /** Share of dirt per pixel of the whole frame, 0 to 255. */
  readonly #dirt: Uint8Array;

  constructor(geometry: LineGeometry, seed: number) {
    this.#frameWidthPx = geometry.frameWidthPx;
    this.#dirt = smear(geometry, seed);
  }

  apply(picture: Picture): void {
    const { width, height, data, left, top } = picture;
    const row = new Uint8Array(width * 3);
    for (let y = 0; y < height; y++) {
      const start = y * width * 3;
      row.set(data.subarray(start, start + width * 3));
      const dirtStart = (top + y) * this.#frameWidthPx + left;
      for (let x = 0; x < width; x++) {
        const share = this.#dirt[dirtStart + x]!;
        if (share === 0) continue;
        const before = 3 * Math.max(0, x - blurPx);
        const after = 3 * Math.min(width - 1, x + blurPx);
        const above = start + 3 * x - (y >= blurPx ? blurPx * width * 3 : 0);
        for (let c = 0; c < 3; c++) {
          const sharp = row[3 * x + c]!;
          const blurred = (row[before + c]! + row[after + c]! + data[above + c]! + sharp) >> 2;
          data[start + 3 * x + c] = sharp + (((0.72 * blurred + haze - sharp) * share) >> 8);
        }
      }
    }
  }
}

/** A thin film everywhere and a few thick smears. */
function smear(geometry: LineGeometry, seed: number): Uint8Array {
  const { frameWidthPx: width, frameHeightPx: height } = geometry;
  const random = seededRandom(seed, 'lens-dirt');
  const dirt = new Float32Array(width * height).fill(70);
  for (let n = 0; n < smears; n++) {
    const cx = random.next() * width;
    const cy = random.next() * height;
    const radius = randomBetween(random, 15, 70);
    const strength = randomBetween(random, 60, 180);
    for (let y = Math.max(0, Math.floor(cy - radius)); y < Math.min(height, cy + radius); y++) {
      for (let x = Math.max(0, Math.floor(cx - radius)); x < Math.min(width, cx + radius); x++) {
        const distance = Math.hypot(x - cx, y - cy) / radius;
        if (distance < 1) dirt[y * width + x]! += strength * (1 - distance * distance);
      }
    }
  }
  return Uint8Array.from(dirt, (value) => Math.min(225, value));
}
