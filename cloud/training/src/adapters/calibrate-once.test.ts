import { defaultRecipe, networkNamed } from '@pomona/catalog';
import { systemClock } from '@pomona/wire';
import { beforeAll, expect, test } from 'vitest';
import type { Dataset, Split } from '../domain/dataset.ts';
import { calibratedLogits, uncalibrated } from '../domain/score-calibration.ts';
import { softmax } from '../domain/softmax.ts';
import { artifactNames, type GoldenViews } from '../domain/training-protocol.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { calibrateOnce } from './calibrate-once.ts';
import { evaluateOnce } from './evaluate-once.ts';
import type { FinishedModel } from './finish-model.ts';
import { runModel } from './golden-views.ts';
import { trainOnce } from './train-once.ts';

const network = networkNamed('sequential')!;
const inputSize = 32;
const common = { network, clock: systemClock };
/** Fruit as another camera sees it: darker, so that the trained network sees blemishes where there are none. */
const photographs = seen(spottedDataset({ fruits: 90, viewsPerFruit: 1, inputSize, seed: 9 }), 0.6);
let trained: FinishedModel;
let weights: Uint8Array;

beforeAll(async () => {
  const dataset = spottedDataset({ fruits: 150, viewsPerFruit: 1, inputSize });
  const recipe = { ...defaultRecipe, epochs: 24, batchImages: 32 };
  trained = await trainOnce({ ...common, dataset, recipe, seed: 1 });
  weights = trained.files.get(artifactNames.weights) as Uint8Array;
});

/** Sessions of five images, a grade each; `split` puts all into one. */
function seen(dataset: Dataset, gain: number, split?: Split): Dataset {
  const crops = dataset.crops.map((level) => level * gain);
  const images = dataset.images.map((image, at) => ({
    ...image,
    group: `${image.grade}-${Math.floor(at / 15)}`,
    ...(split === undefined ? {} : { split }),
  }));
  return { ...dataset, name: 'photographs', digest: '1'.repeat(64), images, crops };
}

/** Of which nobody has seen a grade: neither its images nor its name are there. */
function without({ images, labels, crops, ...dataset }: Dataset, grade: string): Dataset {
  const bytes = inputSize ** 2 * 3;
  const kept = images.flatMap((image, at) => (image.grade === grade ? [] : [at]));
  return {
    ...dataset,
    labels: labels.filter((label) => label !== grade),
    images: kept.map((at) => images[at]!),
    crops: Uint8Array.from(kept.flatMap((at) => [...crops.subarray(at * bytes, (at + 1) * bytes)])),
    defects: undefined,
  };
}

const calibrated = (dataset: Dataset, labels: readonly string[] = photographs.labels) =>
  calibrateOnce({ ...common, dataset, weights, before: uncalibrated, labels });

test('fits the probabilities to another camera, and leaves what the network learned', async () => {
  const { summary, files } = await calibrated(photographs);
  const { calibration, evaluation } = summary;
  expect(calibration).toMatchObject({ images: 72, heldBack: 'test' });
  expect(calibration!.shift[0]).toBe(0);
  expect(summary.temperature).toBeCloseTo(1 / calibration!.scale);
  expect(evaluation.rawEce).toBe(calibration!.before.ece);
  // The network itself is as good as it was; only its limits are off.
  expect(evaluation.balancedAccuracy).toBeGreaterThan(calibration!.before.balancedAccuracy + 0.1);
  expect(files.get(artifactNames.weights)).toEqual(weights);
});

test('has the numbers in the exported graph, and golden views that fit it', async () => {
  const { summary, files } = await calibrated(photographs);
  const pixels = files.get(artifactNames.goldenPixels) as Uint8Array;
  const shape = [pixels.length / inputSize ** 2 / 3, inputSize, inputSize, 3];
  const run = (from: FinishedModel['files']): number[][] => {
    const rows = runModel(from.get(artifactNames.fp32) as Uint8Array<ArrayBuffer>, pixels, shape);
    return Array.from({ length: shape[0]! }, (_, at) => [...rows.subarray(3 * at, 3 * at + 3)]);
  };
  const { scale, shift } = summary.calibration!;
  const by = { scale: scale * trained.summary.temperature, shift };
  const expected = run(trained.files).map((row) => softmax(calibratedLogits(row.map(Math.log), by)));
  const found = run(files);
  found.flat().forEach((p, at) => {
    expect(p).toBeCloseTo(expected.flat()[at]!, 3);
  });
  const golden = JSON.parse(files.get(artifactNames.golden) as string) as GoldenViews;
  expect(golden.views.map(({ probabilities }) => probabilities)).toEqual(found);
  expect(summary.exportDifference).toBeLessThan(1e-4);
});

test('judges on other sessions where there is no test split, and takes the grades in any order', async () => {
  const all = seen(photographs, 1, 'train');
  const { summary, files } = await calibrated({ ...all, labels: ['bad', 'good', 'ok'] });
  expect(summary.labels).toEqual(['good', 'ok', 'bad']);
  expect(summary.calibration).toMatchObject({ images: 90, groups: 18, heldBack: 'groups' });
  expect(summary.evaluation.images).toBe(90);
  expect(summary.evaluation.balancedAccuracy).toBeGreaterThan(0.5);
  expect((JSON.parse(files.get(artifactNames.golden) as string) as GoldenViews).views).toHaveLength(16);
});

test('refuses photographs that do not fit the model, and says which and why', async () => {
  const refusal = (dataset: Dataset) => calibrated(dataset).catch((error: unknown) => error);
  expect(await refusal(spottedDataset({ fruits: 30, viewsPerFruit: 1, inputSize: 48 }))).toMatchObject({
    code: 'weights-unsuited',
    message: expect.stringContaining('--size 32'),
  });
  expect(await refusal({ ...photographs, standardise: { contrast: 'equalised' } })).toMatchObject({
    code: 'weights-unsuited',
    message: expect.stringMatching(
      /colours as the camera gives them, those of photographs are contrast equalised/,
    ),
  });
  expect(await refusal({ ...photographs, labels: ['good', 'ok', 'rotten'] })).toMatchObject({
    code: 'labels-unsuited',
  });
  // Where the limits of a grade lie that no photograph shows, nobody knows.
  expect(await refusal(without(photographs, 'ok'))).toMatchObject({
    code: 'labels-unsuited',
    message: '0 images are graded ok; calibration needs 5 of every grade',
  });
  const few = photographs.images.flatMap((image, at) => (at % 3 !== 1 || at < 12 ? [image] : []));
  expect(await refusal({ ...photographs, images: few })).toMatchObject({
    code: 'labels-unsuited',
    message: '4 images are graded ok; calibration needs 5 of every grade',
  });
  const grades = { good: 'bad', ok: 'ok', bad: 'good' } as Record<string, string>;
  const turned = photographs.images.map((image) => ({ ...image, grade: grades[image.grade]! }));
  expect(await refusal({ ...photographs, images: turned })).toMatchObject({ code: 'calibration-senseless' });
});

test('judges by photographs of some of the grades, in means over those', async () => {
  const judging = {
    network,
    weights,
    calibration: uncalibrated,
    labels: photographs.labels,
    split: 'all',
  } as const;
  const whole = await evaluateOnce({ ...judging, dataset: photographs });
  const part = await evaluateOnce({ ...judging, dataset: without(photographs, 'bad') });
  expect(part.images).toBe(60);
  expect(part.confusion).toEqual(whole.confusion.with(2, [0, 0, 0]));
  const [good, ok, bad] = part.perClass;
  // Some fruit is taken for bad, and none is.
  expect(part.confusion[0]![2]! + part.confusion[1]![2]!).toBeGreaterThan(0);
  expect(bad).toMatchObject({ support: 0, recall: null, f1: null, auc: null, averagePrecision: null });
  expect(part.macroF1).toBeCloseTo((good!.f1! + ok!.f1!) / 2, 10);
  expect(part.balancedAccuracy).toBeCloseTo((good!.recall! + ok!.recall!) / 2, 10);
});
