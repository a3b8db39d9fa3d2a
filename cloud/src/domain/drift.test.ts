import { seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { baselineOf, driftKindOf, judgeWindow, type SeenFruit, type WindowVerdict } from './drift.ts';

const windowFruits = 200;

interface Line {
  readonly gain?: number;
  readonly bad?: number;
  readonly unsure?: number;
}

/** Fruit that differs from lot to lot (of 60), as a packhouse's does. */
function fruits(count: number, seed: number, { gain = 1, bad = 0.2, unsure = 0 }: Line = {}): SeenFruit[] {
  const random = seededRandom(seed, 'fruit');
  let tint = 0;
  return Array.from({ length: count }, (_, at) => {
    if (at % 60 === 0) tint = 10 * random.next();
    const red = gain * (140 + tint + 60 * random.next());
    const top = 0.98 - 0.3 * random.next() ** 3 - unsure * random.next();
    return {
      grade: random.next() < bad ? 'bad' : 'good',
      probabilities: [top, 1 - top],
      colour: [red, red * (0.5 + 0.2 * random.next()), red * 0.4],
      diameterMm: 65 + 20 * random.next(),
    };
  });
}

function kindsOf(seed: number, windows: number, line: Line = {}) {
  const baseline = baselineOf(fruits(5 * windowFruits, seed), windowFruits, seededRandom(seed, 'bootstrap'));
  const verdicts: WindowVerdict[] = [];
  const all = fruits(windows * windowFruits, seed + 1_000, line);
  return Array.from({ length: windows }, (_, at) => {
    verdicts.push(judgeWindow(baseline, all.slice(at * windowFruits, (at + 1) * windowFruits)));
    return driftKindOf(verdicts);
  });
}

describe('drift', () => {
  it('is not seen in unchanged fruit: no alarm in 600 windows of 12 lines', () => {
    const alarms = Array.from({ length: 12 }, (_, seed) => kindsOf(seed, 50)).flat();
    expect(alarms.filter((kind) => kind !== undefined)).toEqual([]);
  });

  it.each([
    ['a lamp of half the light', { gain: 0.5 }, 'camera'],
    [
      'a lamp of 0.7 of the light that confuses the model too',
      { gain: 0.7, bad: 0.9, unsure: 0.3 },
      'camera',
    ],
    ['twice as much bad fruit', { bad: 0.5 }, 'population'],
    ['a model that is not sure', { unsure: 0.3 }, 'model'],
  ] as const)('of %s is named within three windows', (_, line, kind) => {
    expect(kindsOf(7, 3, line).at(-1)).toBe(kind);
  });
});
