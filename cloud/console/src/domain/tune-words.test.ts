import type { JobView, TuneResult, TuneTrial } from '@pomona/wire';
import { expect, it } from 'vitest';
import { byScore, settingWords, triedBy, tuneWords } from './tune-words.ts';

const at = '2026-01-01T00:00:00.000Z';
const trial = (number: number, score: number): TuneTrial => ({
  ...{
    trial: number,
    network: 'compact',
    size: 64,
    epochs: 4,
    macroF1: 0.9,
    msPerView: 0.5,
    score,
    seconds: 9,
  },
  recipe: {
    ...{ learningRate: 0.0043219, classBalance: 0.5 },
    augmentation: { brightness: 0.123, whiteBalance: 0.05, gamma: 0.1 },
  },
  isOnFront: true,
});
const job = (result: TuneResult | null, change: Partial<JobView> = {}): JobView => ({
  ...{
    id: 1,
    kind: 'tune',
    state: 'running',
    createdAt: at,
    startedAt: at,
    endedAt: null,
    heardAt: at,
    actor: 'ada',
  },
  ...{ request: { budgetMinutes: 10 }, epochs: [], error: null, result, ...change },
});

it('says where a tuning stands, from its turn to its model', () => {
  const trials = [trial(1, 0.8)];
  const [chosen] = trials;
  const why = 'the best';
  const trying = { trial: 2, network: 'sequential', size: 48, epochs: 1 };
  const told = [
    job(null, { startedAt: null }),
    job(null),
    job(null, { request: { budgetMinutes: 1 } }),
    job({ trials, trying }),
    job({ trials, chosen: chosen!, why }),
    job({ trials, chosen: chosen!, why, name: 'apples', version: 4 }, { endedAt: at }),
    job({ trials }, { endedAt: at, error: 'cancelled' }),
  ].map(tuneWords);
  expect(told).toEqual([
    'It waits for its turn.',
    'It measures how fast each network is. It tries for 10 minutes.',
    'It measures how fast each network is. It tries for 1 minute.',
    'Trial 2 runs: sequential at 48×48, one pass. It tries for 10 minutes.',
    'Trial 1 is trained in full: the best.',
    'apples@4 is trial 1, trained in full: the best.',
    'cancelled',
  ]);
  expect(triedBy(job(null)).trials).toEqual([]);
});

it('puts the best first, and says settings in a line', () => {
  const trials = [trial(1, 0.8), trial(2, 0.9)];
  expect(byScore(trials).map((each) => each.trial)).toEqual([2, 1]);
  expect(settingWords(trials[0]!).replaceAll('\u00a0', ' ')).toBe(
    'rate 0.0043, rare grades 50 %, brightness ±12 %, white ±5 %, gamma ±10 %',
  );
});
