import { describe, expect, it } from 'vitest';
import { judgeProbation, type ProofFigures } from './probation.ts';

const rules = { soakS: 60, fruits: 50, missedShareMax: 0.1, unseenShareMax: 0.5 };
const judge = (figures: Partial<ProofFigures>, watchedMs = 1_000) =>
  judgeProbation(
    rules,
    {
      crashes: 0,
      hangs: 0,
      frames: 0,
      fruits: 0,
      missedDeadlines: 0,
      unseen: 0,
      unusableViews: 0,
      ...figures,
    },
    watchedMs,
  );

describe('a release on probation', () => {
  it.each([
    ['an empty belt, a moment before its time', {}, 59_999, 'open'],
    ['an empty belt, at its time', {}, 60_000, 'proved'],
    ['one fruit too few', { fruits: 49 }, 1_000, 'open'],
    ['enough fruits', { fruits: 50 }, 1_000, 'proved'],
    ['enough fruits of which one was late', { fruits: 50, missedDeadlines: 1 }, 1_000, 'open'],
    ['enough fruits of which one was unseen', { fruits: 50, unseen: 1 }, 1_000, 'open'],
    ['as many late ones as may be', { fruits: 10, missedDeadlines: 1 }, 1_000, 'open'],
    ['one more', { fruits: 10, missedDeadlines: 2 }, 1_000, 'disproved'],
    ['all late, but too few to say', { fruits: 9, missedDeadlines: 9 }, 1_000, 'open'],
    ['as many unseen ones as may be', { fruits: 10, unseen: 5 }, 60_000, 'proved'],
    ['one more', { fruits: 10, unseen: 6 }, 60_000, 'disproved'],
    ['one view that is no number', { fruits: 99, unusableViews: 1 }, 60_000, 'disproved'],
    ['one hang', { fruits: 99, hangs: 1 }, 60_000, 'disproved'],
    ['one crash', { fruits: 99, crashes: 1 }, 60_000, 'disproved'],
  ])('%s', (_, figures, watchedMs, kind) => {
    expect(judge(figures, watchedMs).kind).toBe(kind);
  });

  const usual = { certainty: 0.9, timed: 0, timeUsedP99: 0, droppedFrames: 0 };
  const after = (count: number) => ({
    ...{ frames: 1_000, fruits: count },
    conduct: { ...usual, answered: count, byLabel: [count, 0, 0] },
    before: {
      ...{ frames: 1_000, fruits: 500, missedDeadlines: 0, unseen: 0, unusableViews: 0 },
      conduct: { ...usual, answered: 500, byLabel: [400, 100, 0] },
    },
  });
  it.each([
    ['that holds its first fruits for the same is not proved by them', 60, 1_000, 'open'],
    ['nor by its time', 60, 60_000, 'open'],
    ['but is when too few come to tell', 60, 300_000, 'proved'],
    ['has to go when a hundred are the same', 100, 1_000, 'disproved'],
  ])('%s', (_, count, watchedMs, kind) => {
    expect(judge(after(count), watchedMs).kind).toBe(kind);
  });
});
