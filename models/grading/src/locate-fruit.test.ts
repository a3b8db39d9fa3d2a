import { describe, expect, it } from 'vitest';
import type { Frame } from './frame.ts';
import { LineBackground } from './line-background.ts';
import { defaultLineGeometry as geometry } from './line-geometry.ts';
import { locateFruit } from './locate-fruit.ts';

const { frameWidthPx: width, frameHeightPx: height } = geometry;
const learnFrames = 24;

function emptyBelt(seq: number): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = 38 + ((i * 7 + seq * 13) % 5);
  return { width, height, data, seq, capturedAtMs: 80 * seq, encoderMm: 30 * seq };
}

/** A belt that was seen empty for a while, and then the discs, between whose parts it shows in the bands. */
function locate(
  discs: readonly (readonly [x: number, y: number, radius: number])[],
  bands: readonly [number, number][] = [],
) {
  const background = new LineBackground(width, height);
  for (let seq = 0; seq < learnFrames; seq++) locateFruit(emptyBelt(seq), background, geometry);
  const frame = emptyBelt(learnFrames);
  for (const [cx, cy, radius] of discs)
    for (let y = Math.max(0, cy - radius); y < Math.min(height, cy + radius); y++)
      for (let x = Math.max(0, cx - radius); x < Math.min(width, cx + radius); x++) {
        const isHidden = bands.some(([from, to]) => x >= from && x < to);
        if (Math.hypot(x - cx, y - cy) < radius && !isHidden)
          frame.data.set([190, 50, 40], 3 * (y * width + x));
      }
  return locateFruit(frame, background, geometry).map(({ xPx, radiusXPx, touchesEdge }) => ({
    ...{ x: Math.round(xPx), radius: Math.round(radiusXPx), touchesEdge },
  }));
}

describe('locating fruit', () => {
  it('joins the parts of one fruit that a dark band cuts', () => {
    const found = locate([[300, 80, 40]], [[290, 300]]);
    expect(found).toMatchObject([{ radius: 40, touchesEdge: false }]);
    expect(Math.abs(found[0]!.x - 300)).toBeLessThanOrEqual(1);
  });

  it('takes no fruit that is just coming into view for a part of the one before it', () => {
    const found = locate([
      [-20, 80, 38],
      [75, 80, 38],
    ]);
    expect(found.map(({ touchesEdge }) => touchesEdge)).toEqual([true, false]);
    expect(Math.abs(found[1]!.x - 75)).toBeLessThanOrEqual(1);
  });

  it('leaves what a dark cavity cuts off a fruit that is coming into view with that fruit', () => {
    const found = locate(
      [
        [12, 80, 38],
        [116, 80, 38],
      ],
      [[28, 36]],
    );
    expect(found.map(({ touchesEdge }) => touchesEdge)).toEqual([true, false]);
    expect(Math.abs(found[1]!.x - 116)).toBeLessThanOrEqual(1);
    expect(Math.abs(found[1]!.radius - 38)).toBeLessThanOrEqual(1);
  });
});
