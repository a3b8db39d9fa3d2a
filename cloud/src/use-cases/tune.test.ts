import { expect, it } from 'vitest';
import { defaultTargets } from '../domain/project-targets.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { JobRun } from './run-job.ts';
import type { TrainerRequest } from './train-and-register.ts';
import { type Trial, type TrialRequest, type TunePorts, tune } from './tune.ts';

const run: JobRun = {
  id: 1,
  actor: 'ada',
  signal: new AbortController().signal,
  onEvent: () => undefined,
  checkpoint: async () => undefined,
  setResult: async () => undefined,
};

/** Trainings whose validation figure falls with the learning rate's distance from 0.01; the full one ends the test. */
async function tuneWith(change: { readonly budgetMinutes?: number; readonly minMacroF1?: number }) {
  const clock = new ManualClock();
  const asked: (TrainerRequest | TrialRequest)[] = [];
  const trials: Trial[] = [];
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
  };
  const targets = { ...defaultTargets, minMacroF1: change.minMacroF1 ?? 1 };
  const ports = {
    trainer,
    clock,
    project: { read: async () => ({ targets }) },
    models: { nextVersion: async () => 1 },
  } as unknown as TunePorts;
  const dataset = { name: 'apples', digest: 'a'.repeat(64) };
  const settings = {
    trials: 4,
    budgetMinutes: change.budgetMinutes ?? 60,
    firstEpochs: 2,
    fullEpochs: 8,
    seed: 1,
  };
  const tuning = tune(ports, { dataset, name: 'apples', network: 'sequential', ...settings }, run, (trial) =>
    trials.push(trial),
  );
  await expect(tuning).rejects.toThrow('the full training');
  return { asked, trials };
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
});

it('tries the same settings again from the same seed', async () => {
  expect((await tuneWith({})).trials).toEqual((await tuneWith({})).trials);
});
