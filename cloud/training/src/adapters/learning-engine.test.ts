import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRecipe, networkNamed } from '@pomona/catalog';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { systemClock } from '@pomona/wire';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { spottedDataset } from '../fixtures/spotted-dataset.ts';
import { installStandIn } from '../fixtures/tensorflow-stand-in.ts';
import { type LearningEngine, learningEngine, onnxEngine } from './learning-engine.ts';
import { trainOnce } from './train-once.ts';
import { trainingEnvironment } from './training-environment.ts';

let root: string;
/** Where the stand-in is installed; it is loaded once in a process. */
let installed: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'pomona-engine-'));
  installed = mkdtempSync(join(root, 'installed-'));
  installStandIn(installed);
});
afterEach(() => useOnnxBackend());
afterAll(() => rmSync(root, { recursive: true }));

async function trained(engine: LearningEngine, network: string, inputSize: number) {
  const events: TrainingEvent[] = [];
  const { summary } = await trainOnce({
    dataset: spottedDataset({ fruits: 15, viewsPerFruit: 1, inputSize }),
    network: networkNamed(network)!,
    recipe: { ...defaultRecipe, epochs: 1, batchImages: 3 },
    ...{ seed: 1, engine, clock: systemClock },
    report: (event) => events.push(event),
  });
  const losses = events.flatMap((event) =>
    event.type === 'epoch' ? [event.loss, event.validationLoss] : [],
  );
  return { summary, losses };
}

test('auto and onnx are the engine that comes with the program', () => {
  expect(learningEngine('auto', root)).toBe(onnxEngine);
  expect(learningEngine('onnx', root)).toBe(onnxEngine);
  expect(trainingEnvironment(onnxEngine).engine).toBe('onnx');
});

test('says what to install where TensorFlow is asked for and is not there', () => {
  const asked = () => learningEngine('tensorflow', root);
  expect(asked).toThrow(expect.objectContaining({ code: 'engine-missing' }));
  expect(asked).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('npm install @tensorflow/tfjs-node') }),
  );
});

test('says why an engine that is there cannot be used', async () => {
  const folder = mkdtempSync(join(root, 'broken-'));
  installStandIn(folder, { source: 'throw new Error("no such library: libtensorflow.so.2")' });
  await expect(learningEngine('tensorflow', folder).start()).rejects.toMatchObject({
    code: 'engine-unusable',
    message: expect.stringContaining('libtensorflow.so.2'),
  });
});

test('prefers the one for graphics cards, and records which it is', () => {
  const folder = mkdtempSync(join(root, 'both-'));
  installStandIn(folder);
  installStandIn(folder, { name: '@tensorflow/tfjs-node-gpu' });
  const { engine, packages } = trainingEnvironment(learningEngine('tensorflow', folder));
  expect(engine).toBe('tensorflow');
  expect(packages['@tensorflow/tfjs-node-gpu']).toBe('0.0.1-stand-in');
  expect(packages['onnxruntime-node']).toMatch(/^\d/);
});

test('learns on another backend as on ours, and exports what it learned there', async () => {
  const ours = await trained(onnxEngine, 'sequential', 16);
  const theirs = await trained(learningEngine('tensorflow', installed), 'sequential', 16);
  for (const [at, loss] of theirs.losses.entries()) expect(loss).toBeCloseTo(ours.losses[at]!, 2);
  expect(theirs.losses).not.toEqual(ours.losses);
  expect(theirs.summary.exportDifference).toBeLessThan(1e-4);
  expect(theirs.summary.variants.map(({ name }) => name)).toEqual(['fp32', 'int8']);
});

test('learns a map on it that is read by its highest cells', async () => {
  const { summary, losses } = await trained(learningEngine('tensorflow', installed), 'local', 48);
  expect(losses.every(Number.isFinite)).toBe(true);
  expect(summary.exportDifference).toBeLessThan(1e-4);
});
