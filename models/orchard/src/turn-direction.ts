import { type CutOut, cutOutPx } from './photographed-fruit.ts';

/** How far the near side's middle may move from frame to frame, pixels of a cut-out. */
const shifts = [6, 9, 12, 15, 18, 21, 24, 27];
/** Half the middle that is compared, along the belt and across it. */
const halfWidth = 20;
const halfHeight = 30;

/** The frames of a turn so that the fruit's near side moves to the right, as on a belt that carries it there. */
export function rolledForward(frames: readonly CutOut[]): readonly CutOut[] {
  let forward = 0;
  let backward = 0;
  for (let i = 1; i < frames.length; i++) {
    const [before, after] = [frames[i - 1]!.crop, frames[i]!.crop];
    forward += Math.min(...shifts.map((shift) => difference(before, after, shift)));
    backward += Math.min(...shifts.map((shift) => difference(before, after, -shift)));
  }
  return forward <= backward ? frames : frames.toReversed();
}

/** Between what is in the middle, had it moved by so many pixels; the mean of the places on either side of it. */
function difference(before: Uint8Array, after: Uint8Array, shift: number): number {
  const middle = cutOutPx / 2;
  let sum = 0;
  for (let y = middle - halfHeight; y < middle + halfHeight; y += 2) {
    for (let x = middle - halfWidth; x < middle + halfWidth; x++) {
      const from = 3 * (y * cutOutPx + x - Math.floor(shift / 2));
      const to = 3 * (y * cutOutPx + x + Math.ceil(shift / 2));
      for (let c = 0; c < 3; c++) sum += Math.abs(before[from + c]! - after[to + c]!);
    }
  }
  return sum;
}
