import { seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { type DrawnLine, drawWindows } from '../testing/drift-windows.ts';
import { judgeWindow } from './drift.ts';
import { baselineOf, baselineWindows } from './drift-baseline.ts';
import { judgeLine } from './judge-line.ts';

const windowFruits = 200;
/** As many as a station counts unless told otherwise. */
const usualFruits = 500;

/** What is said after each of `count` windows behind the baseline of a line. */
function kindsOf(seed: number, count: number, line: DrawnLine = {}, fruits = windowFruits) {
  const usual = drawWindows(baselineWindows, fruits, seed, { belt: line.belt ?? true });
  return judgeLine(
    [...usual, ...drawWindows(count, fruits, seed + 1_000, line)],
    seededRandom(seed, 'limits'),
  );
}

describe('drift', () => {
  it('is not seen in unchanged fruit: no alarm in 600 windows of 24 lines', { timeout: 120_000 }, () => {
    const alarms = Array.from({ length: 24 }, (_, seed) => kindsOf(seed, 25, {}, usualFruits)).flat();
    expect(alarms.filter((kind) => kind !== undefined)).toEqual([]);
  });

  it.each([
    ['a lamp of half the light', { gain: 0.5 }, 'camera'],
    ['a lamp that confuses the model too', { gain: 0.7, bad: 0.9, unsure: 0.3 }, 'camera'],
    ['a lens out of focus', { sharpness: 0.4, unsure: 0.2 }, 'camera'],
    ['a picture that changed on a belt of which nothing is known', { gain: 0.75, belt: false }, 'camera'],
    ['paler fruit on the same belt', { ripeness: 0.85 }, 'population'],
    ['twice as much bad fruit', { bad: 0.5 }, 'population'],
    ['a model that is not sure', { unsure: 0.3 }, 'model'],
    ['fruit as dark as none before', { ripeness: 0.4 }, 'model'],
  ] as const)('of %s is named within three windows', (_, line, kind) => {
    expect(kindsOf(7, 3, line).at(-1)).toBe(kind);
  });

  it.each([
    ['a dark lamp', { gain: 0.5 }, 'camera'],
    ['a dim lamp', { gain: 0.8 }, 'camera'],
    ['a lens out of focus', { sharpness: 0.4, unsure: 0.2 }, 'camera'],
    ['a lamp that confuses the model too', { gain: 0.7, bad: 0.9, unsure: 0.3 }, 'camera'],
    ['fruit as dark as none before', { ripeness: 0.4 }, 'model'],
  ] as const)(
    'of %s is of no other kind when that is over, also in the midst of a window',
    (_, line, kind) => {
      // A tenth, half and all of a window beyond the fourth.
      for (const [seed, share] of [0.1, 0.5, 1].entries()) {
        const untilFruit = Math.round((4 + share) * windowFruits);
        const kinds = kindsOf(20 + seed, 10, { ...line, untilFruit });
        expect([...new Set(kinds)], `${share} of a window`).toEqual([undefined, kind]);
        expect(kinds.slice(7), `${share} of a window`).toEqual([undefined, undefined, undefined]);
      }
    },
  );

  it('is the lamp’s from its second dark window on, though the fruit was of another kind before', () => {
    const lines = [{ bad: 0.5 }, { bad: 0.5, gain: 0.5 }];
    const windows = lines.flatMap((line, at) => drawWindows(4, windowFruits, 30 + at, line));
    const kinds = judgeLine(
      [...drawWindows(baselineWindows, windowFruits, 3), ...windows],
      seededRandom(3, 'limits'),
    );
    expect(kinds.slice(2)).toEqual(['population', 'population', 'population', 'camera', 'camera', 'camera']);
  });

  it('that is small is seen by five windows together, and named after the fruit', () => {
    const kinds = kindsOf(5, 10, { bad: 0.38 });
    expect(kinds.slice(0, 2)).toEqual([undefined, undefined]);
    expect(kinds.slice(4)).toEqual(new Array(6).fill('population'));
  });

  it('is not of the model when there is only more of what it was always less sure of', () => {
    const line = drawWindows(8, windowFruits, 3);
    // Bad fruit at 0.7 on the average, good fruit at 0.95: with more bad fruit the mean falls, and that is right.
    const mixed = (bad: number) =>
      line.map((window) => ({
        ...window,
        confidence: {
          ...window.confidence,
          predicted: [
            { label: 'good', n: windowFruits - bad, sum: 0.95 * (windowFruits - bad) },
            { label: 'bad', n: bad, sum: 0.7 * bad },
          ],
        },
      }));
    const baseline = baselineOf(mixed(20).slice(0, 5), seededRandom(1, 'limits'));
    const judged = judgeWindow(baseline, mixed(150)[7]!);
    expect(judged.beyond).not.toContain('accuracy');
    expect(judged.accuracy).toBeCloseTo(baseline.accuracy!.mean, 6);
  });
});
