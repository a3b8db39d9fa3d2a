import type { ModelView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { describeModel } from './describe-model.ts';

const digest = 'd'.repeat(64);
const model: ModelView = {
  ...{ name: 'apples', version: 4, digest: 'a'.repeat(64), createdAt: '2026-11-24T08:00:00.000Z' },
  ...{
    labels: ['good', 'bad'],
    dataset: { name: 'orchard', digest },
    network: 'sequential',
    releaseBytes: 90_000,
  },
  ...{
    parameters: { epochs: 12, 'adam.beta1': 0.9 },
    seed: 42,
    codeRevision: '1a2b3c4d',
    trainImagesPerSecond: 900,
  },
  parent: { name: 'apples', version: 3 },
  evaluation: {
    ...{
      unit: 'fruit',
      images: 80,
      groups: 10,
      accuracy: 0.9,
      balancedAccuracy: 0.9,
      macroF1: 0.9,
      ece: 0.02,
    },
    confusion: [
      [5, 0],
      [1, 4],
    ],
    perClass: ['good', 'bad'].map((label) => ({ label, precision: 1, recall: 0.8, f1: 0.9, support: 5 })),
    byGroup: [],
  },
  gates: [
    {
      ...{ name: 'export-parity', figure: 0.000_000_3, limit: 0.0001, comparison: '<=', verdict: 'passed' },
      detail: 'trainer to fp32',
    },
    {
      ...{ name: 'group-gap', figure: null, limit: 0.05, comparison: '<=', verdict: 'insufficient-data' },
      detail: 'fewer than two groups',
    },
  ],
};

it('tells the whole lineage of a version: data, settings, seed, code, parent, figures, gates', () => {
  const text = describeModel(model);
  for (const part of [
    `dataset     orchard@${digest}`,
    'parameters  epochs=12 adam.beta1=0.9',
    'seed        42, code 1a2b3c4d',
    'went on from apples@3',
    'held out    10 fruits: accuracy 90.0 %',
    'truth \\ graded',
  ])
    expect(text).toContain(part);
  expect(text).toMatch(/export-parity +3e-7 +<= +0\.0001 +passed/);
  expect(text).toMatch(/group-gap +- +<= +0\.05 +insufficient-data/);
});

it('says how large the crops are that it learnt from, where its dataset is here', () => {
  expect(describeModel(model, { inputSize: 96 })).toContain(`orchard@${digest}, crops of 96×96\n`);
  expect(describeModel(model)).not.toContain('crops of');
});

it('says what a calibrated version was judged on', () => {
  const of = (heldBack: 'test' | 'groups' | 'images') =>
    describeModel({
      ...model,
      calibration: {
        ...{
          scale: 1,
          shift: [0, 0],
          dataset: { name: 'photographs', digest },
          images: 60,
          groups: 3,
          heldBack,
        },
        before: { accuracy: 0.5, balancedAccuracy: 0.5, ece: 0.3 },
      },
    });
  expect(of('test')).toContain('held out    10 fruits: accuracy');
  expect(of('groups')).toContain('cross-fitted 10 fruits: accuracy');
  expect(of('images')).toContain('cross-fitted 10 fruits: accuracy');
  expect(of('images')).not.toContain('held out');
});

it('says so of a version from before there were gates, and that has no parent', () => {
  const { gates: _, parent: __, ...old } = model;
  expect(describeModel(old)).toContain('from before there were gates');
  expect(describeModel(old)).not.toContain('went on from');
});

it('says which grades nothing was judged of, and that means are over the others', () => {
  const { evaluation } = model;
  const nothing = { label: 'bad', precision: 0, recall: null, f1: null, support: 0 };
  const perClass = [evaluation.perClass[0]!, nothing];
  const text = describeModel({ ...model, evaluation: { ...evaluation, perClass } });
  expect(text).toContain(
    'absent      nothing here is bad: balanced and macro are means over the other grades',
  );
  expect(describeModel(model)).not.toContain('absent');
});

it('tells varieties, old and new images apart, and what another version says of the same', () => {
  const groups = [
    { group: 'gala', images: 40, accuracy: 0.95 },
    { group: 'russet', images: 30, accuracy: 0.7 },
  ];
  const text = describeModel({
    ...model,
    evaluation: { ...model.evaluation, byKnown: [{ by: 'variety', groups }] },
    heldAgainst: [
      {
        ...{ model: { name: 'apples', version: 3 }, cases: 12, learnedCases: 4 },
        ...{
          accuracy: 0.9,
          theirAccuracy: 0.8,
          macroF1: 0.9,
          theirMacroF1: 0.8,
          macroF1Difference: [-0.02, 0.2],
        },
        byOrigin: [
          { origin: 'old', cases: 8, accuracy: 0.875, theirAccuracy: 1 },
          { origin: 'new', cases: 4, accuracy: 1, theirAccuracy: 0.25 },
        ],
      },
    ],
  });
  expect(text).toContain('by variety  russet 70.0 % of 30 images, gala 95.0 % of 40 images');
  expect(text).toContain('against     apples@3 on the same 12 cases: macro-F1 90.0 % and 80.0 %');
  expect(text).toContain('from −2.0 to +20.0 points); without 4 cases that it learned from');
  expect(text).toContain('old images  8 held out: accuracy 87.5 %, 100.0 % before');
  expect(text).toContain('new images  4 held out: accuracy 100.0 %, 25.0 % before');
});

it('tells of each layer of an integer variant what its bits reach over', () => {
  const figures = { file: 'model-int8.onnx', bytes: 9, accuracy: 0.9, agreement: 1, ece: 0, msPerView: 0.1 };
  const layers = [
    {
      ...{ layer: 'convolution 1', signalToNoiseDb: 31.26, bits: 8 as const, ranges: 'entropy' },
      output: { min: 0, max: 5.1, scale: 0.02, zeroPoint: 0 },
    },
    { layer: 'convolution 2', signalToNoiseDb: 9.04, bits: 32 as const, ranges: 'minmax' },
    // As versions from before have it.
    { layer: 'convolution 3', signalToNoiseDb: 20, bits: 8 as const },
  ];
  const quantization = { ranges: 'minmax', tried: [], layers };
  const text = describeModel({ ...model, variants: [{ name: 'int8', ...figures, quantization }] });
  expect(text).toMatch(/convolution 1 +8 +entropy +0\.000 +5\.100 +2\.00e-2 +0 +31\.3/);
  expect(text).toMatch(/convolution 2 +32, left in floats +minmax +9\.0/);
  expect(text).toMatch(/convolution 3 +8 +20\.0/);
});
