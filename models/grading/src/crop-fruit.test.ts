import { describe, expect, it } from 'vitest';
import { cropFill, cropFruit } from './crop-fruit.ts';
import type { Frame } from './frame.ts';
import { type FruitBlob, outlineRays } from './fruit-blob.ts';
import { frameBuffer } from './kernel-memory.ts';

const size = 64;
const height = 120;

describe('crop of a fruit', () => {
  it.each([20, 29.4, 38.3, 50])(
    'averages by a triangle within a grey level and a half, radius %d px',
    (radiusPx) => {
      const frame = noise(160);
      const blob = round(81.3, 58.6, radiusPx);
      const crop = cropOf(frame, blob);
      for (let row = 14; row < size - 14; row += 5) {
        for (let column = 14; column < size - 14; column += 5) {
          for (let c = 0; c < 3; c++) {
            const expected = triangleAverage(frame, blob, row, column, c);
            expect(Math.abs(crop[(row * size + column) * 3 + c]! - expected)).toBeLessThan(1.5);
          }
        }
      }
    },
  );

  it('keeps a plain colour to the edge of the frame, and is 0 outside the outline', () => {
    const frame = frameOf(160, (_x, _y, c) => [255, 17, 130][c]!);
    const crop = cropOf(frame, round(35, 30, 38));
    const colours = new Set<string>();
    for (let at = 0; at < crop.length; at += 3) colours.add(crop.subarray(at, at + 3).join());
    expect(colours).toEqual(new Set(['0,0,0', '255,17,130']));
    expect(crop.subarray(0, 3)).toEqual(Uint8Array.of(0, 0, 0));
  });

  it.each([8, 18, 31])(
    'is fruit from end to end where its outline is, and no more than that: %d px a side',
    (side) => {
      const frame = frameOf(160, () => 255);
      const blob = { ...round(80, 60, 30), outlinePx: new Float32Array(outlineRays).fill(90) };
      const out = new Uint8Array(side * side * 3 + 2).fill(7);
      cropFruit(frame, blob, side, out, 1);
      expect(new Set(out.subarray(1, -1))).toEqual(new Set([255]));
      expect([out[0], out.at(-1)]).toEqual([7, 7]);
      const resident = frameBuffer(out.length).fill(7);
      cropFruit(frame, blob, side, resident, 1);
      expect(resident).toEqual(out);
    },
  );

  it('is the same wherever the rows of the frame begin in memory', () => {
    const wide = noise(160);
    const odd = frameOf(157, (x, y, c) => wide.data[(y * 160 + x) * 3 + c]!);
    const shifted = { ...wide, data: new Uint8Array(wide.data.length + 1).subarray(1) };
    shifted.data.set(wide.data);
    const blob = round(70, 60, 41);
    expect(cropOf(odd, blob)).toEqual(cropOf(wide, blob));
    expect(cropOf(shifted, blob)).toEqual(cropOf(wide, blob));
  });
});

function cropOf(frame: Frame, blob: FruitBlob): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  cropFruit(frame, blob, size, out);
  return out;
}

function triangleAverage(frame: Frame, blob: FruitBlob, row: number, column: number, c: number): number {
  const step = (2 * blob.semiMajorPx) / (cropFill * size);
  const half = Math.max(step, 1);
  const centreX = blob.xPx + (column + 0.5 - size / 2) * step - 0.5;
  const centreY = blob.yPx + (row + 0.5 - size / 2) * step - 0.5;
  let sum = 0;
  let total = 0;
  for (let y = Math.ceil(centreY - half); y <= centreY + half; y++) {
    for (let x = Math.ceil(centreX - half); x <= centreX + half; x++) {
      const weight = (half - Math.abs(x - centreX)) * (half - Math.abs(y - centreY));
      sum += weight * frame.data[(y * frame.width + x) * 3 + c]!;
      total += weight;
    }
  }
  return sum / total;
}

function round(xPx: number, yPx: number, radiusPx: number): FruitBlob {
  return {
    ...{ lane: 0, xPx, yPx, radiusXPx: radiusPx, radiusYPx: radiusPx, semiMajorPx: radiusPx },
    ...{ semiMinorPx: radiusPx, areaPx: Math.PI * radiusPx ** 2, touchesEdge: false, unlikeFruit: false },
    box: { left: xPx - radiusPx, top: yPx - radiusPx, right: xPx + radiusPx, bottom: yPx + radiusPx },
    outlinePx: new Float32Array(outlineRays).fill(radiusPx),
  };
}

/** Every grey level, and neighbours that differ much: what rounds wrongly, or spills into the next byte, shows. */
function noise(width: number): Frame {
  return frameOf(width, (x, y, c) => (x * 7919 + y * 104_729 + c * 1_299_709 + x * y * 31) & 255);
}

function frameOf(width: number, at: (x: number, y: number, c: number) => number): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / 3);
    data[i] = at(pixel % width, Math.floor(pixel / width), i % 3);
  }
  return { width, height, data, seq: 0, capturedAtMs: 0, encoderMm: 0 };
}
