import { LineBackground, locateFruit } from '@pomona/grading';
import { expect, it } from 'vitest';
import { Line } from './line.ts';

const framesPerS = 12;

/** Frames of a line that runs already; of each the whole fruit found by a belt that was learned before, and by one that is learned meanwhile. */
it.each([4, 20])('finds the same fruit when it starts on a running belt, at %i fruits/s', (fruitsPerS) => {
  const line = new Line({ seed: 5, fruitsPerS });
  const { geometry } = line;
  const { frameWidthPx: width, frameHeightPx: height } = geometry;
  const before = new LineBackground(width, height);
  const meanwhile = new LineBackground(width, height);
  let missed = 0;
  let more = 0;
  let found = 0;
  for (let seq = 0; seq < 160; seq++) {
    const encoderMm = (seq / framesPerS) * line.beltMmPerS;
    line.advance(encoderMm);
    const data = new Uint8Array(width * height * 3);
    line.draw(data, encoderMm, seq);
    const frame = { width, height, data, seq, capturedAtMs: (1000 * seq) / framesPerS, encoderMm };
    const wholeBy = (background: LineBackground) =>
      locateFruit(frame, background, geometry)
        .filter(({ touchesEdge }) => !touchesEdge)
        .map(({ xPx, yPx }) => ({ xPx, yPx }));
    const expected = wholeBy(before);
    if (seq < 60) continue;
    const blobs = wholeBy(meanwhile);
    if (!meanwhile.learned || seq < 80) continue;
    found += expected.length;
    const isSeen = (fruit: (typeof expected)[number]) =>
      blobs.some(({ xPx, yPx }) => Math.hypot(xPx - fruit.xPx, yPx - fruit.yPx) < 6);
    missed += expected.filter((fruit) => !isSeen(fruit)).length;
    more += Math.max(0, blobs.length - expected.length);
  }
  expect(found).toBeGreaterThan(400);
  expect(missed).toBeLessThan(found / 200);
  expect(more).toBeLessThan(found / 200);
});
