import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FittedCalibration, GoldenViews, TrainingSummary } from '@pomona/training';
import type { Evaluation, ModelView } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { SqlProjectStore } from '../adapters/sql/sql-project-store.ts';
import { datasetError } from '../domain/dataset-errors.ts';
import { failedGates } from '../domain/gates.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import type { TrainingArtifacts } from './build-release.ts';
import { type CalibratorRequest, calibrate } from './calibrate.ts';
import { rebuildRelease } from './rebuild-release.ts';
import type { JobRun } from './run-job.ts';
import { type TrainAndRegisterPorts, type TrainerRequest, trainAndRegister } from './train-and-register.ts';

const drawn = { name: 'drawn', digest: 'd'.repeat(64) };
const photographs = { name: 'photographs', digest: 'f'.repeat(64) };
const clock = new ManualClock();
const evaluation: Evaluation = {
  ...{ unit: 'image', images: 2, groups: 2, accuracy: 1, balancedAccuracy: 1, macroF1: 1, ece: 0.01 },
  confusion: [
    [1, 0],
    [0, 1],
  ],
  perClass: ['good', 'bad'].map((label) => ({ label, precision: 1, recall: 1, f1: 1, support: 1 })),
  byGroup: [],
};
const fitted: FittedCalibration = {
  ...{ scale: 0.5, shift: [0, -3], images: 60, groups: 2, heldBack: 'images' },
  before: { accuracy: 0.5, balancedAccuracy: 0.5, ece: 0.4 },
};
const image = (digest: string, split: 'train' | 'validation' | 'test') => ({
  ...{ digest: digest.repeat(64), grade: 'good', group: digest, source: `${digest}.jpg`, split },
});
const stored = new Map([
  [drawn.digest, [image('1', 'train'), image('2', 'validation'), image('3', 'test')]],
  [photographs.digest, ['1', '2', '3', '4'].map((digest) => image(digest, 'test'))],
]);
let folder: string;
let db: PomonaDatabase;
let models: SqlModelRegistry;
let asked: CalibratorRequest[];
let trained: TrainerRequest[];
let results: unknown[];
const run: JobRun = {
  ...{ id: 4, actor: 'ada', signal: new AbortController().signal, onEvent: () => undefined },
  checkpoint: async () => undefined,
  setResult: async (result) => void results.push(result),
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-calibrate-'));
  db = await openDatabase(folder);
  models = new SqlModelRegistry(db);
});
afterAll(async () => {
  await db.destroy();
  rmSync(folder, { recursive: true });
});

function artifacts(dataset: TrainingSummary['dataset'], calibration?: FittedCalibration): TrainingArtifacts {
  const fp32 = { name: 'fp32', file: 'model-fp32.onnx', bytes: 8, msPerView: 1 };
  const summary: TrainingSummary = {
    ...{ network: 'compact', labels: ['good', 'bad'], inputSize: 8, viewsPerFruit: 1, dataset },
    ...{ seed: calibration === undefined ? 7 : 0, temperature: calibration === undefined ? 2.5 : 2 },
    ...{ evaluation, validation: evaluation, imagesPerSecond: calibration === undefined ? 900 : 0 },
    ...{ epochs: 0, bestEpoch: 0, durationMs: 1, exportDifference: 0 },
    parameters: calibration === undefined ? { epochs: 3 } : {},
    variants: [{ ...fp32, accuracy: 1, agreement: 1, ece: 0.01 }],
    ...(calibration === undefined ? {} : { calibration }),
  };
  const view = { digest: 'e'.repeat(64), grade: 'good', probabilities: [0.75, 0.25], quantized: [0.7, 0.3] };
  const golden: GoldenViews = { inputSize: 8, labels: ['good', 'bad'], views: [view] };
  return {
    ...{ summary, golden, goldenPixels: Buffer.alloc(192), weights: Buffer.from('weights') },
    models: new Map([['model-fp32.onnx', Buffer.alloc(8)]]),
  };
}

function ports(): TrainAndRegisterPorts {
  asked = [];
  trained = [];
  results = [];
  return {
    ...{ models, clock, project: new SqlProjectStore(db) },
    codeRevision: async () => 'abc',
    readImages: async ({ digest }) => stored.get(digest),
    blobs: { put: async (bytes) => Buffer.from(bytes).toString('hex').padEnd(64, '0').slice(0, 64) },
    openTrust: async () =>
      ({ newestVersion: async () => 0, publishManifest: async () => undefined }) as never,
    trainer: {
      train: async (request) => {
        trained.push(request);
        return artifacts(drawn);
      },
      calibrate: async (request) => {
        asked.push(request);
        return artifacts(photographs, fitted);
      },
    },
  };
}

const training = { dataset: drawn, name: 'apples', network: 'compact', seed: 7 };
const numbered = (version: number) => models.find('apples', version) as Promise<ModelView>;

it('registers the calibrated network as a child of the version and of the data that it learnt from', async () => {
  await trainAndRegister(ports(), training, run);
  const model = await calibrate(
    ports(),
    { model: { name: 'apples', version: 1 }, dataset: photographs },
    run,
  );
  expect(asked[0]).toMatchObject({ labels: ['good', 'bad'], before: { scale: 0.4, shift: [] } });
  expect(model).toMatchObject({
    ...{ version: 2, parent: { name: 'apples', version: 1 }, dataset: drawn, seed: 7 },
    ...{ parameters: { epochs: 3 }, trainImagesPerSecond: 900, temperature: 2 },
    calibration: { ...fitted, dataset: photographs, seenImages: 2, seenJudged: 2 },
  });
  expect(model.weightsDigest).toBe((await numbered(1)).weightsDigest);
  expect(results.at(-1)).toEqual({
    ...{ name: 'apples', version: 2, digest: model.digest },
    failedGates: failedGates(model.gates ?? []).map(({ name }) => name),
  });
  expect(await numbered(2)).toEqual(model);
  const made = (await models.log('apples')).filter(({ action }) => !action.includes('='));
  expect(made).toMatchObject([
    { actor: run.actor, action: 'calibrated 2', reason: 'a calibration was asked for' },
    { actor: run.actor, action: 'trained 1', reason: 'a training was asked for' },
  ]);
  expect(made[0]!.detail).toMatch(`${model.digest}, job ${run.id}; `);
});

it('is calibrated anew from what the version before said, not from its network alone', async () => {
  await calibrate(ports(), { model: { name: 'apples', version: 2 }, dataset: photographs }, run);
  expect(asked[0]).toMatchObject({ before: { scale: 0.5, shift: [0, -3] } });
});

it('holds a calibrated version against a champion on the same photographs only', async () => {
  const gateOf = async (version: number) =>
    (await numbered(version)).gates?.find(({ name }) => name === 'macro-f1-against-champion');
  const champion = { name: 'apples', alias: 'champion', actor: 'ada', reason: 'first', detail: '', atMs: 0 };
  const again = (version: number) =>
    calibrate(ports(), { model: { name: 'apples', version }, dataset: photographs }, run);
  await models.setAlias({ ...champion, version: 1 });
  await again(1);
  expect(await gateOf(4)).toMatchObject({ verdict: 'insufficient-data' });
  await models.setAlias({ ...champion, version: 4 });
  await again(1);
  expect(await gateOf(5)).toMatchObject({ verdict: 'passed' });
});

it('is calibrated on the same photographs again when it is retrained', async () => {
  const from = { name: 'apples', version: 2 };
  const model = await trainAndRegister(ports(), { ...training, from }, run);
  expect(asked).toMatchObject([{ dataset: photographs }]);
  expect(model).toMatchObject({ version: 7, parent: { version: 6 }, calibration: { dataset: photographs } });
  expect(await numbered(6)).toMatchObject({ parent: from, dataset: drawn });
});

it('makes a release anew of what a version learnt, and of a calibrated one by its photographs', async () => {
  const of = (version: number) => rebuildRelease(ports(), { name: 'apples', version }, run);
  const learnt = await numbered(1);
  const anew = await of(1);
  expect(trained).toMatchObject([
    { epochs: 0, fromWeights: learnt.weightsDigest, dataset: drawn, network: 'compact', seed: 7 },
  ]);
  expect(anew).toMatchObject({ parent: { name: 'apples', version: 1 }, dataset: drawn, seed: 7 });
  expect([anew.parameters, anew.trainImagesPerSecond]).toEqual([{ epochs: 3 }, 900]);
  expect(anew.version).toBeGreaterThan(7);
  const calibrated = await of(2);
  expect([trained, asked]).toMatchObject([[], [{ dataset: photographs, before: { shift: [0, -3] } }]]);
  expect(calibrated).toMatchObject({ parent: { version: 2 }, calibration: { dataset: photographs } });
  await expect(of(99)).rejects.toMatchObject({ code: 'model-unknown' });
});

it('counts apart what judges it of what the network learned from, where a test split was held out of both', async () => {
  const onOwn = ports();
  const found: FittedCalibration = { ...fitted, heldBack: 'test' };
  const calibrated = await calibrate(
    { ...onOwn, trainer: { ...onOwn.trainer, calibrate: async () => artifacts(drawn, found) } },
    { model: { name: 'apples', version: 1 }, dataset: drawn },
    run,
  );
  expect(calibrated).toMatchObject({ calibration: { heldBack: 'test', seenImages: 2, seenJudged: 0 } });
});

it('is registered without a count where the dataset that its network learned from is damaged', async () => {
  const damaged = async ({ digest }: { readonly digest: string }) => {
    if (digest === drawn.digest) throw datasetError('dataset-damaged', 'dataset.json is not JSON');
    return stored.get(digest);
  };
  const calibrated = await calibrate(
    { ...ports(), readImages: damaged },
    { model: { name: 'apples', version: 1 }, dataset: photographs },
    run,
  );
  expect(calibrated).toMatchObject({ calibration: { seenImages: null, seenJudged: null } });
});

it('fits nothing where what it needs cannot be read', async () => {
  const unreadable = async () => {
    throw new Error('EIO');
  };
  const refused = calibrate(
    { ...ports(), readImages: unreadable },
    { model: { name: 'apples', version: 1 }, dataset: photographs },
    run,
  );
  await expect(refused).rejects.toThrow('EIO');
  expect(asked).toEqual([]);
});

it('refuses a version that is not there, or that kept no weights', async () => {
  const refusal = (version: number) =>
    calibrate(ports(), { model: { name: 'apples', version }, dataset: photographs }, run).catch(
      (e: unknown) => e,
    );
  expect(await refusal(99)).toMatchObject({ code: 'model-unknown', message: 'there is no model apples@99' });
  const { weightsDigest: _, ...old } = await numbered(1);
  await models.save({ ...old, version: 50 });
  expect(await refusal(50)).toMatchObject({ message: expect.stringContaining('no weights') });
});
