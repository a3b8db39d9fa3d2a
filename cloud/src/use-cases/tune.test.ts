import type { DatasetView, TuneResult, TuneTrial } from '@pomona/wire';
import { expect, it } from 'vitest';
import { defaultTargets } from '../domain/project-targets.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { JobRun } from './run-job.ts';
import type { TrainerRequest } from './train-and-register.ts';
import { type TrialRequest, type TuneSearchPorts, tune } from './tune.ts';

/** What the job says of itself after each trial. */
let told: TuneResult;
const run: JobRun = {
  id: 1,
  actor: 'ada',
  signal: new AbortController().signal,
  onEvent: () => undefined,
  checkpoint: async () => undefined,
  setResult: async (result) => {
    told = result as typeof told;
  },
};

/** Milliseconds of a view at 64 pixels. */
const times: Record<string, number> = { sequential: 0.1, compact: 0.4 };

interface Change {
  readonly budgetMinutes?: number;
  readonly minMacroF1?: number;
  readonly maxLatencyMs?: number;
  readonly networks?: readonly string[];
  readonly sizes?: readonly number[];
  readonly halfTimeWorth?: number;
  readonly trials?: number;
}

/** Trainings whose validation figure falls with the learning rate's distance from 0.01; the full one ends the test. */
async function tuneWith(change: Change) {
  const clock = new ManualClock();
  const asked: (TrainerRequest | TrialRequest)[] = [];
  const trials: TuneTrial[] = [];
  const trainer = {
    async train(request: TrainerRequest) {
      asked.push(request);
      throw new Error(request.epochs === 8 ? 'the full training' : 'not for a trial');
    },
    async trial(request: TrialRequest) {
      asked.push(request);
      clock.ms += 60_000;
      const { learningRate } = request.recipe as { learningRate: number };
      return { macroF1: 0.9 - Math.abs(Math.log10(learningRate / 0.01)) / 2 };
    },
    time: async ({ dataset: { name }, network }: TrialRequest) =>
      times[network]! * (Number(name.split('-')[1] ?? 64) / 64) ** 2,
  };
  const { maxLatencyMs = 1_000 } = change;
  const targets = { ...defaultTargets, minMacroF1: change.minMacroF1 ?? 1, maxLatencyMs };
  const ports = {
    trainer,
    clock,
    project: { read: async () => ({ targets }) },
    models: { nextVersion: async () => 1, aliases: async () => [] },
    resize: async (of: DatasetView, size: number) => (size === 64 ? of : { ...of, name: `apples-${size}` }),
  } as unknown as TuneSearchPorts;
  const dataset = { name: 'apples', digest: 'a'.repeat(64), viewsPerFruit: 1 } as DatasetView;
  const settings = {
    networks: change.networks ?? ['sequential'],
    sizes: change.sizes ?? [64],
    halfTimeWorth: change.halfTimeWorth ?? 0.005,
    trials: change.trials ?? 4,
    budgetMinutes: change.budgetMinutes ?? 60,
    firstEpochs: 2,
    fullEpochs: 8,
    seed: 1,
  };
  const tuning = tune(ports, { dataset, name: 'apples', ...settings }, run, (trial) => trials.push(trial));
  await expect(tuning).rejects.toThrow('the full training');
  return { asked, trials, told };
}

it('gives the better half of the trials twice the epochs, and trains the best in full', async () => {
  const { asked, trials } = await tuneWith({});
  expect(trials.map(({ epochs }) => epochs)).toEqual([2, 2, 2, 2, 4, 4]);
  const best = trials.slice(0, 4).sort((a, b) => b.macroF1 - a.macroF1);
  expect(trials.slice(4).map(({ trial }) => trial)).toEqual(best.slice(0, 2).map(({ trial }) => trial));
  expect(asked.at(-1)).toMatchObject({ epochs: 8, recipe: best[0]!.recipe });
});

it('begins no trial after its budget, and stops at the target', async () => {
  expect((await tuneWith({ budgetMinutes: 2 })).trials).toHaveLength(2);
  expect((await tuneWith({ minMacroF1: 0 })).trials).toHaveLength(1);
  // A target that is met too slowly is not.
  expect((await tuneWith({ minMacroF1: 0, maxLatencyMs: 7 })).trials.length).toBeGreaterThan(1);
});

it('tries the same settings again from the same seed', async () => {
  expect((await tuneWith({})).trials).toEqual((await tuneWith({})).trials);
});

it('tries every network at every size before any of them twice, on images of that size', async () => {
  const { asked, trials } = await tuneWith({ networks: ['sequential', 'compact'], sizes: [64, 48] });
  const tried = trials.slice(0, 4).map(({ network, size }) => `${network} ${size}`);
  expect(tried).toEqual(['sequential 64', 'compact 64', 'sequential 48', 'compact 48']);
  expect(asked.slice(0, 4).map(({ dataset }) => dataset.name)).toEqual([
    'apples',
    'apples',
    'apples-48',
    'apples-48',
  ]);
  const chosen = [...trials].sort((a, b) => b.score - a.score)[0]!;
  expect(asked.at(-1)).toMatchObject({
    network: chosen.network,
    dataset: { name: chosen.size === 64 ? 'apples' : 'apples-48' },
  });
});

it('takes a network that is a little worse and much faster, for what half the time is worth', async () => {
  const change = { networks: ['sequential', 'compact'], trials: 6 };
  const networkOf = async (halfTimeWorth: number) => {
    const { asked } = await tuneWith({ ...change, halfTimeWorth });
    return asked.at(-1)!.network;
  };
  const { trials } = await tuneWith({ ...change, halfTimeWorth: 0 });
  const best = [...trials].sort((a, b) => b.macroF1 - a.macroF1)[0]!;
  expect(await networkOf(0)).toBe(best.network);
  expect(await networkOf(10)).toBe('sequential');
  const compact = trials.find(({ network }) => network === 'compact')!;
  expect(
    (await tuneWith({ ...change, halfTimeWorth: 0.01 })).trials.find(({ trial }) => trial === compact.trial)!
      .score,
  ).toBeCloseTo(compact.macroF1 - 0.02, 9);
});

it('marks the trials that no other beats in both', async () => {
  const { told } = await tuneWith({ networks: ['sequential', 'compact'], trials: 6 });
  const front = told.trials.filter(({ isOnFront }) => isOnFront);
  expect(front.length).toBeGreaterThan(0);
  for (const one of front) {
    const better = told.trials.filter(
      (other) => other.epochs >= one.epochs && other.macroF1 > one.macroF1 && other.msPerView < one.msPerView,
    );
    expect(better).toEqual([]);
  }
  const fastest = told.trials
    .filter(({ network }) => network === 'sequential')
    .sort((a, b) => b.macroF1 - a.macroF1)[0]!;
  expect(front.map(({ trial }) => trial)).toContain(fastest.trial);
});
