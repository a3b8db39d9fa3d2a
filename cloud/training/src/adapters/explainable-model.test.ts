import { useOnnxBackend } from '@pomona/onnx-backend';
import { mul, relu, type Tensor } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { explainableModel } from '../domain/evidence/explainable-model.ts';
import { uncalibrated } from '../domain/score-calibration.ts';
import { plainNetwork } from '../fixtures/plain-network.ts';
import { buildModel } from '../use-cases/build-model.ts';
import { exportOnnx } from './trace-model.ts';

async function exported(change: (logits: Tensor) => Tensor): Promise<Uint8Array> {
  const backend = await useOnnxBackend();
  const model = buildModel(plainNetwork, 32, 3, 11);
  const forward: typeof model.forward = (pixels) => {
    const outputs = model.forward(pixels);
    return { ...outputs, logits: change(outputs.logits) };
  };
  const bytes = exportOnnx(backend, { ...model, forward }, { calibration: uncalibrated });
  model.dispose();
  return bytes;
}

test('finds the features before they are pooled, and the mean of a normalisation behind', async () => {
  const found = explainableModel(await exported((logits) => logits));
  expect(found?.parts).toHaveLength(1);
  expect(found?.typical).toHaveLength(32);
});

test.each<[string, (logits: Tensor) => Tensor]>([
  ['squares its logits', (logits) => mul(logits, logits)],
  ['cuts its logits off', (logits) => relu(logits)],
])('does not explain a network that %s', async (_, change) => {
  expect(explainableModel(await exported(change))).toBeUndefined();
});

test('says of bytes that are no network that they are none', () => {
  expect(() => explainableModel(Buffer.from('this is no protobuf'))).toThrow();
  expect(explainableModel(new Uint8Array())).toBeUndefined();
});
