import type { TrainingEvent } from '@pomona/training';
import { AppError, type TrainingEnvironment } from '@pomona/wire';
import { beforeEach, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { evaluation, sampleArtifacts } from '../testing/sample-training.ts';
import { keepingRuns, type NewTrainingRun, type RunBegan, type RunEnded, type Trainer } from './keep-runs.ts';
import type { StoredRun } from './read-runs.ts';
import { reproduceRun } from './reproduce-run.ts';
import type { JobRun } from './run-job.ts';
import type { TrainerRequest } from './train-and-register.ts';

const signal = new AbortController().signal;
const jobRun = (id: number): JobRun => ({
  ...{ id, actor: 'ada', signal, onEvent: () => undefined },
  checkpoint: async () => undefined,
  setResult: async () => undefined,
});
const environment: TrainingEnvironment = {
  ...{ node: 'v20.19.0', platform: 'linux', arch: 'x64', cpu: 'some', cores: 2 },
  packages: { 'onnxruntime-node': '1.30.0' },
};
const parameters = { network: 'sequential', views: 1, epochs: 20, 'adam.beta1': 0.9 };
const dataset = { name: 'drawn', digest: 'd'.repeat(64) };
const request: TrainerRequest = {
  ...{ dataset, run: 'apples-1-job-1', job: 1, network: 'sequential', seed: 7, minutes: 1 },
  ...{ onEvent: () => undefined, signal },
};

/** What the made-up training program does, and is told. */
let world: {
  revision: string;
  environment: TrainingEnvironment;
  fill: number;
  fails: boolean;
  missing: string[];
  asked: object[];
  discarded: string[];
};
let runs: StoredRun[];

beforeEach(() => {
  world = { revision: 'c0de', environment, fill: 3, fails: false, missing: [], asked: [], discarded: [] };
  runs = [];
});

const store = {
  async add({ inputs: _, reproduces, ...run }: NewTrainingRun) {
    const { network, seed = 0 } = run.asked as { network: string; seed?: number };
    const began = { parameters: null, environment: null, curve: [], evaluated: [], artifacts: [], epochs: 0 };
    const open = { state: 'running', startedAt: '', endedAt: null, digest: null, error: null } as const;
    const figures = { accuracy: null, macroF1: null };
    runs.push({
      ...run,
      ...began,
      ...open,
      ...figures,
      network,
      seed,
      reproduces: reproduces ?? null,
      id: runs.length + 1,
    });
    return runs.length;
  },
  setBegan: async (id: number, began: RunBegan) => change(id, began),
  end: async (id: number, { outcome, curve, ...ended }: RunEnded) =>
    change(id, { ...ended, ...outcome, endedAt: '', curve: [...curve], epochs: curve.length }),
  find: async (id: number) => runs[id - 1],
  list: async () => runs,
  findOfJob: async (job: number) => runs.findLast((run) => run.job === job),
};

function change(id: number, to: Partial<StoredRun>): void {
  runs[id - 1] = { ...runs[id - 1]!, ...to };
}

const program = {
  async train(given: TrainerRequest) {
    world.asked.push(given);
    given.onEvent({ type: 'environment', environment: world.environment });
    const began = { network: 'sequential', images: 2, cases: 2, epochs: 20, steps: 20, parameters };
    given.onEvent({ type: 'started', ...began });
    for (let epoch = 1; epoch <= 2; epoch++) given.onEvent(epochOf(epoch));
    if (world.fails) throw new AppError('diverged', 'the loss is NaN', { hint: 'Lower it.' });
    given.onEvent({ type: 'evaluated', split: 'test', evaluation });
    return sampleArtifacts(world.fill);
  },
} as unknown as Trainer;

function epochOf(epoch: number): TrainingEvent {
  const figures = { loss: epoch === 2 ? world.fill : 1, accuracy: 0.5 };
  const validation = { validationLoss: 1, validationAccuracy: 0.5 };
  return { type: 'epoch', epoch, epochs: 20, ...figures, ...validation, best: true };
}

const trainer = keepingRuns(program, {
  trainingRuns: store,
  clock: new ManualClock(),
  codeRevision: async () => world.revision,
});

const reproduce = (run: number, job: number) =>
  reproduceRun(
    {
      ...{ trainingRuns: store, trainer, models: { list: async () => [] } },
      files: {
        missing: async () => world.missing,
        discard: async (name) => void world.discarded.push(name),
      },
    },
    { run },
    jobRun(job),
  );

it('trains again with all settings of the record, ends where it ran out of time, and finds the same digest', async () => {
  expect(await trainer.train(request)).toMatchObject({ trainingRun: 1 });
  const result = await reproduce(1, 2);
  expect(result).toMatchObject({ run: 1, again: 2, verdict: 'same' });
  expect(result.comparison!.rows.filter(({ same }) => !same)).toEqual([]);
  expect(world.asked[1]).toMatchObject({
    ...{ dataset, seed: 7, network: 'sequential', stopAfter: 2, minutes: undefined, reproduces: 1 },
    recipe: { epochs: 20, adam: { beta1: 0.9 } },
  });
  expect(world.discarded).toEqual(['again-1-job-2']);
});

it('names what differs first, and the epoch at which the curves part, where it comes to something else', async () => {
  await trainer.train(request);
  world.fill = 4;
  expect(await reproduce(1, 2)).toMatchObject({
    verdict: 'different',
    why: expect.stringMatching(/all that goes in is the same.*part at epoch 2/),
  });
  world.environment = { ...environment, cores: 8, packages: { 'onnxruntime-node': '1.31.0' } };
  const why = async (job: number) => (await reproduce(1, job)).why;
  expect(await why(3)).toContain('environment differs: onnxruntime-node was 1.30.0, and is 1.31.0');
  world.environment = { ...environment, engine: 'tensorflow' };
  expect(await why(3)).toContain('environment differs: engine was onnx, and is tensorflow');
  world.environment = { ...environment, cores: 8 };
  expect(await why(4)).toContain('platform differs: cores was 2, and is 8');
  world.revision = 'beef';
  expect(await why(5)).toContain('code differs: revision was c0de, and is beef');
  expect(world.discarded).toEqual([]);
});

it('keeps a run that failed, and finds that it fails again', async () => {
  world.fails = true;
  await expect(trainer.train(request)).rejects.toMatchObject({ code: 'diverged' });
  expect(runs[0]).toMatchObject({ state: 'failed', digest: null, epochs: 2, environment, parameters });
  expect(await reproduce(1, 2)).toMatchObject({ verdict: 'same', why: expect.stringContaining('diverged') });
  world.fails = false;
  expect(await reproduce(1, 3)).toMatchObject({
    verdict: 'different',
    why: expect.stringContaining('ended well now'),
  });
});

it('does not begin where something is missing, or where there is nothing to compare with', async () => {
  await trainer.train(request);
  world.missing = ['dataset drawn@dddd'];
  expect(await reproduce(1, 2)).toMatchObject({
    ...{ verdict: 'impossible', again: null, why: 'not here any more: dataset drawn@dddd' },
  });
  change(1, { state: 'cancelled' });
  expect(await reproduce(1, 3)).toMatchObject({ verdict: 'impossible' });
  // As the store tells of one whose process was killed.
  change(1, { state: 'failed', endedAt: null, error: 'its process ended without a word' });
  expect(await reproduce(1, 4)).toMatchObject({
    ...{ verdict: 'impossible', again: null, why: expect.stringContaining('run 1 was killed') },
  });
  await expect(reproduce(9, 5)).rejects.toMatchObject({ code: 'run-unknown' });
  expect(world.asked).toHaveLength(1);
});
