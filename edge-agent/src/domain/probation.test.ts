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
});
