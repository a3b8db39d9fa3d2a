import type { Picture } from './conveyor.ts';
import { type CutOut, cutOutPx } from './photographed-fruit.ts';

/** A photographed fruit at a place of the line's frame, in pixels of the whole frame. */
export interface PlacedPhotograph {
  /** One whole turn. */
  readonly frames: readonly CutOut[];
  readonly xPx: number;
  readonly yPx: number;
  readonly radiusPx: number;
  /** How far it has rolled, in whole turns and parts of one. */
  readonly turns: number;
}

/** Lays the photograph that shows this side of the fruit over what is there; its edge pixels are partly belt. */
export function drawPhotograph(picture: Picture, placed: PlacedPhotograph): void {
  const { data, width, height } = picture;
  const { frames } = placed;
  const turn = placed.turns - Math.floor(placed.turns);
  const { crop, side } = frames[Math.min(frames.length - 1, Math.floor(turn * frames.length))]!;
  const half = placed.radiusPx * side;
  const left = placed.xPx - picture.left - half;
  const top = placed.yPx - picture.top - half;
  const scale = cutOutPx / (2 * half);
  const sample = new Float64Array(4);
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + 2 * half); y++) {
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + 2 * half); x++) {
      sampleCutOut(crop, (x + 0.5 - left) * scale - 0.5, (y + 0.5 - top) * scale - 0.5, sample);
      const belt = 1 - sample[3]!;
      if (belt === 1) continue;
      const to = (y * width + x) * 3;
      for (let c = 0; c < 3; c++) data[to + c] = Math.round(sample[c]! + belt * data[to + c]!);
    }
  }
}

/** Blends the four pixels around a place: colour times coverage to `out[0..2]`, the share that is fruit to `out[3]`. */
function sampleCutOut(crop: Uint8Array, x: number, y: number, out: Float64Array): void {
  out.fill(0);
  const column = Math.floor(x);
  const row = Math.floor(y);
  for (let k = 0; k < 4; k++) {
    const i = column + (k & 1);
    const j = row + (k >> 1);
    if (i < 0 || j < 0 || i >= cutOutPx || j >= cutOutPx) continue;
    const from = (j * cutOutPx + i) * 3;
    // What is outside the fruit is exactly black in a standard crop.
    if (crop[from] === 0 && crop[from + 1] === 0 && crop[from + 2] === 0) continue;
    const weight = (1 - Math.abs(x - i)) * (1 - Math.abs(y - j));
    for (let c = 0; c < 3; c++) out[c]! += weight * crop[from + c]!;
    out[3]! += weight;
  }
}
