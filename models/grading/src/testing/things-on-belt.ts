/** Plain shapes on a dark belt, and what is found of them. */
import type { Frame } from '../frame.ts';
import type { FruitBlob } from '../fruit-blob.ts';
import { LineBackground } from '../line-background.ts';
import { defaultLineGeometry as geometry } from '../line-geometry.ts';
import { locateFruit } from '../locate-fruit.ts';

/** A disc, or an ellipse that is `long` times as long as high. */
export interface Thing {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly colour: readonly [number, number, number];
  readonly long?: number;
  /** Dark as the belt within so many pixels of a point. */
  readonly rot?: { readonly x: number; readonly y: number; readonly radius: number };
  /** As a ball under a lamp: so much darker at its rim, as a share. */
  readonly shade?: number;
}

/** What is found of things; those listed later lie on top. */
export function foundOnBelt(things: readonly Thing[]): {
  readonly frame: Frame;
  readonly blobs: readonly FruitBlob[];
} {
  const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
  for (let seq = 0; !background.learned; seq++) background.look(paint([], seq));
  const frame = paint(things, 40);
  return { frame, blobs: locateFruit(frame, background, geometry) };
}

function paint(things: readonly Thing[], seq: number): Frame {
  const { frameWidthPx: width, frameHeightPx: height } = geometry;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = 25 + ((i * 7 + seq * 3) % 5);
  for (const { x, y, radius, colour, long = 1, rot, shade = 0 } of things) {
    const reach = radius * long;
    for (let row = Math.max(0, Math.floor(y - radius)); row < Math.min(height, y + radius); row++) {
      for (let column = Math.max(0, Math.floor(x - reach)); column < Math.min(width, x + reach); column++) {
        const out = Math.hypot((column + 0.5 - x) / long, row + 0.5 - y) / radius;
        if (out > 1) continue;
        const at = (row * width + column) * 3;
        if (rot !== undefined && Math.hypot(column + 0.5 - rot.x, row + 0.5 - rot.y) < rot.radius)
          data.fill(26, at, at + 3);
        else for (let c = 0; c < 3; c++) data[at + c] = colour[c]! * (1 - shade * out ** 2);
      }
    }
  }
  return { width, height, data, seq, capturedAtMs: 0, encoderMm: 30 * seq };
}
