import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrainingEvent } from '@pomona/training';
import { AppError, type Evaluation, systemClock } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkpointOf } from './checkpoint-of.ts';
import { type LocalTrainingOptions, localTraining } from './local-training.ts';

// None says anything of the training itself.
const registry = {
  trainingRuns: { add: async () => 1, setBegan: async () => undefined, end: async () => undefined },
} as unknown as Parameters<typeof localTraining>[1];
const dataset = { name: 'drawn', digest: 'd'.repeat(64) };
const job = 1;
const same = { network: 'sequential', seed: 1, epochs: 1 };
const { signal } = new AbortController();
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-local-training-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const trainer = (options: LocalTrainingOptions) =>
  localTraining(folder, registry, systemClock, options).trainer;

it('begins anew, and says so, where a checkpoint does not suit, and fails where nobody hears of it', async () => {
  const checkpoint = await checkpointOf(
    join(folder, 'checkpoints'),
    { digest: dataset.digest, ...same },
    true,
  );
  writeFileSync(checkpoint, 'of an earlier version');
  /** Whether there was a checkpoint, run by run. */
  const began: boolean[] = [];
  const run: LocalTrainingOptions['run'] = async (training) => {
    began.push(existsSync(training.checkpoint!));
    if (began.at(-1)) throw new AppError('checkpoint-unsuited', 'of another training', { hint: '' });
    throw new AppError('diverged', 'this test has seen enough', { hint: '' });
  };
  const request = { dataset, job, ...same, run: 'run', resume: true, onEvent: () => undefined, signal };
  await expect(trainer({ run }).train(request)).rejects.toMatchObject({ code: 'checkpoint-unsuited' });
  expect(existsSync(checkpoint)).toBe(true);

  const heard: Error[] = [];
  const onUnsuited = (error: Error): void => void heard.push(error);
  await expect(trainer({ run, onUnsuited }).train(request)).rejects.toMatchObject({ code: 'diverged' });
  expect(heard).toMatchObject([{ code: 'checkpoint-unsuited' }]);
  expect(began).toEqual([true, true, false]);
});

it('ends a trial with what it comes to on validation, and leaves nothing of it', async () => {
  const validation = { macroF1: 0.8 } as Evaluation;
  let outFolder = '';
  const run: LocalTrainingOptions['run'] = (training) => {
    ({ outFolder } = training);
    training.signal.throwIfAborted();
    writeFileSync(join(outFolder, 'weights.f32'), '');
    return new Promise((_, reject) => {
      training.signal.addEventListener('abort', () => reject(training.signal.reason));
      training.onEvent({ type: 'evaluated', split: 'validation', evaluation: validation });
      training.onEvent({ type: 'evaluated', split: 'test', evaluation: { macroF1: 0.7 } as Evaluation });
    });
  };
  const heard: TrainingEvent[] = [];
  const onEvent = (event: TrainingEvent): void => void heard.push(event);
  const trial = { dataset, job, ...same, run: 'trial', onEvent, signal };
  expect(await trainer({ run }).trial(trial)).toBe(validation);
  expect(heard).toEqual([{ type: 'evaluated', split: 'validation', evaluation: validation }]);
  expect(existsSync(outFolder)).toBe(false);
  const given = async () => trainer({ run }).trial({ ...trial, signal: AbortSignal.abort() });
  await expect(given()).rejects.toMatchObject({ name: 'AbortError' });
  expect(readdirSync(join(folder, 'runs'))).not.toContain('trial');
});
