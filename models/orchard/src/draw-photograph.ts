import { cropFill } from '@pomona/grading';
import type { Picture } from './conveyor.ts';
import { cutOutPx, type PhotographedFruit } from './photographed-fruit.ts';

/** A photographed fruit at a place of the line's frame, in pixels of the whole frame. */
export interface PlacedPhotograph {
  readonly photographed: PhotographedFruit;
  readonly xPx: number;
  readonly yPx: number;
  readonly radiusPx: number;
  /** How far it has rolled, in whole turns and parts of one. */
  readonly turns: number;
}

/** Lays the photograph that shows this side of the fruit over what is there. */
export function drawPhotograph(picture: Picture, placed: PlacedPhotograph): void {
  const { data, width, height } = picture;
  const { frames } = placed.photographed;
  const turn = placed.turns - Math.floor(placed.turns);
  const frame = frames[Math.min(frames.length - 1, Math.floor(turn * frames.length))]!;
  const half = placed.radiusPx / cropFill;
  const left = placed.xPx - picture.left - half;
  const top = placed.yPx - picture.top - half;
  const scale = cutOutPx / (2 * half);
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(height, top + 2 * half); y++) {
    const row = Math.floor((y + 0.5 - top) * scale);
    if (row < 0 || row >= cutOutPx) continue;
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(width, left + 2 * half); x++) {
      const column = Math.floor((x + 0.5 - left) * scale);
      if (column < 0 || column >= cutOutPx) continue;
      const from = (row * cutOutPx + column) * 3;
      // What is outside the fruit is exactly black in a standard crop.
      if (frame[from] === 0 && frame[from + 1] === 0 && frame[from + 2] === 0) continue;
      const to = (y * width + x) * 3;
      data[to] = frame[from]!;
      data[to + 1] = frame[from + 1]!;
      data[to + 2] = frame[from + 2]!;
    }
  }
}
