import { describe, expect, it } from 'vitest';
import { Answers, type Conduct, compareConduct } from './conduct.ts';
import { RecentValues } from './recent-values.ts';

const usual: Conduct = {
  ...{ answered: 500, byLabel: [350, 100, 50], certainty: 0.9 },
  ...{ timed: 1_000, timeUsedP99: 0.4, droppedFrames: 0 },
};
const compare = (now: Partial<Conduct>, before: Partial<Conduct> = {}, frames = 3_000) =>
  compareConduct(
    { frames, conduct: { ...usual, ...now } },
    { frames: 100_000, conduct: { ...usual, ...before } },
  );

describe('a release beside the one before it', () => {
  it('is not suspected when it answers alike, nor when nothing is known of the one before', () => {
    expect(compare({})).toBeUndefined();
    expect(compareConduct({ frames: 1, conduct: usual }, undefined)).toBeUndefined();
    expect(compareConduct({ frames: 1, conduct: usual }, { frames: 1 })).toBeUndefined();
  });

  it.each([
    ['100 of 100 alike', { answered: 100, byLabel: [100, 0, 0] }, {}, true],
    ['99 of 99 alike: not yet', { answered: 99, byLabel: [99, 0, 0] }, {}, false],
    ['9 of 9 alike', { answered: 9, byLabel: [9, 0, 0] }, {}, undefined],
    ['one of 100 other', { answered: 100, byLabel: [99, 1, 0] }, {}, undefined],
    [
      'all alike, as nearly all were before',
      { answered: 500, byLabel: [500, 0, 0] },
      { byLabel: [451, 49, 0] },
      undefined,
    ],
    [
      'all alike after too few',
      { answered: 500, byLabel: [500, 0, 0] },
      { answered: 99, byLabel: [60, 39, 0] },
      undefined,
    ],
    ['unsure', { answered: 100, byLabel: [40, 30, 30], certainty: 0.44 }, {}, true],
    ['less sure, as of an unknown variety', { certainty: 0.46 }, {}, undefined],
    ['unsure of a few', { answered: 20, byLabel: [10, 5, 5], certainty: 0.1 }, {}, false],
    ['slow', { timed: 200, timeUsedP99: 1.01 }, {}, true],
    ['slow at few', { timed: 199, timeUsedP99: 10 }, {}, false],
    ['just in time', { timeUsedP99: 1 }, {}, undefined],
    ['as slow as the one before', { timeUsedP99: 3 }, { timeUsedP99: 2 }, undefined],
  ] as const)('%s', (_, now, before, sure) => {
    expect(compare(now, before)?.sure).toBe(sure);
  });

  it('must grade half the share of the frames that the one before did, however many the camera gives', () => {
    expect(compare({ droppedFrames: 151 }, {}, 149)?.sure).toBe(true);
    expect(compare({ droppedFrames: 150 }, {}, 150)).toBeUndefined();
    expect(compare({ droppedFrames: 0 }, {}, 10)).toBeUndefined();
    expect(compare({ droppedFrames: 200 }, {}, 99)?.sure).toBe(false);
    expect(compare({ droppedFrames: 151 }, { droppedFrames: 100_000 }, 149)).toBeUndefined();
  });

  it('tells the surest finding first', () => {
    const found = compare({ answered: 50, byLabel: [50, 0, 0], timed: 200, timeUsedP99: 2 });
    expect(found).toEqual({ sure: true, reason: expect.stringContaining('slowest 1 % of 200') });
  });
});

it('counts the newest 500 answers, and leaves out fruit that was not seen', () => {
  const answers = new Answers(3);
  const timeUsed = new RecentValues(1_000, 10);
  for (let i = 0; i < 400; i++) answers.add([0.1, 0.8, 0.1]);
  for (let i = 0; i < 250; i++) answers.add([1 / 3 + 1e-9, 1 / 3, 1 / 3]);
  answers.add([]);
  answers.addDropped(7);
  timeUsed.add(0, 0.5);
  const { certainty, ...counts } = answers.conduct(timeUsed, 1);
  expect(counts).toEqual({
    answered: 500,
    byLabel: [250, 250, 0],
    timed: 1,
    timeUsedP99: 0.5,
    droppedFrames: 7,
  });
  expect(certainty).toBeCloseTo(0.35, 6);
});
