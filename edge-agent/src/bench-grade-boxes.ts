/** Pictures of the film's fruit as it stands in the frames, for peers that make crops of it by themselves. */
import { cropFill, type Frame, type FruitBlob } from '@pomona/grading';

/** The square that a fruit's crop is made of, uint8 [side, side, 3], black beyond the frame. Of each fruit that is whole, frame by frame. */
export class FruitBoxes {
  readonly pixels: Uint8Array[] = [];
  /** Pixels; a list for each frame. */
  readonly sides: number[][] = [];

  add(frame: Frame, blobs: readonly FruitBlob[]): void {
    const whole = blobs.filter(({ touchesEdge, unlikeFruit }) => !touchesEdge && !unlikeFruit);
    const sides = whole.map(({ semiMajorPx }) => Math.round((2 * semiMajorPx) / cropFill));
    this.sides.push(sides);
    whole.forEach(({ xPx, yPx }, i) => {
      this.pixels.push(squareOf(frame, xPx, yPx, sides[i]!));
    });
  }
}

function squareOf({ data, width, height }: Frame, x: number, y: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side * 3);
  const left = Math.round(x - side / 2);
  const top = Math.round(y - side / 2);
  const from = Math.max(0, left);
  const to = Math.min(width, left + side);
  for (let row = Math.max(0, top); row < Math.min(height, top + side); row++) {
    const pixels = data.subarray((row * width + from) * 3, (row * width + to) * 3);
    out.set(pixels, ((row - top) * side + from - left) * 3);
  }
  return out;
}
