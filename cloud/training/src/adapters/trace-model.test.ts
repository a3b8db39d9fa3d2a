import { openSession, useOnnxBackend } from '@pomona/onnx-backend';
import { randomInt, seededRandom } from '@pomona/wire';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { uncalibrated } from '../domain/score-calibration.ts';
import { plainNetwork } from '../fixtures/plain-network.ts';
import { buildModel } from '../use-cases/build-model.ts';
import { exportOnnx } from './trace-model.ts';

const size = 32;
const calibration = { scale: 0.6, shift: [0, 0.5, -2] };

test.each([1, 5])(
  'an exported file says what the calibrated network says, for a batch of %i',
  async (count) => {
    const backend = await useOnnxBackend();
    const model = buildModel(plainNetwork, size, 3, 11);
    const random = seededRandom(count, 'pixels');
    const shape = [count, size, size, 3];
    const data = Uint8Array.from({ length: count * size * size * 3 }, () => randomInt(random, 256));
    const session = openSession(exportOnnx(backend, model, { calibration }));
    const [probabilities, embedding] = session.run(new Map([['images', { type: 'uint8', shape, data }]]), [
      'probabilities',
      'embedding',
    ]);
    session.dispose();
    const expected = tf.tidy(() => {
      const out = model.forward(backend.images(data, shape));
      return [tf.softmax(tf.add(tf.mul(out.logits, 0.6), [0, 0.5, -2])).dataSync(), out.embedding.dataSync()];
    });
    expect(probabilities).toHaveLength(count * 3);
    expect(largestDifference(expected[0]!, probabilities as Float32Array)).toBeLessThanOrEqual(1e-4);
    expect(embedding).toHaveLength(count * 32);
    expect(largestDifference(expected[1]!, embedding as Float32Array)).toBeLessThanOrEqual(1e-3);
    model.dispose();
  },
);

test('a network that mixes the images of a batch is refused with what to do', async () => {
  const backend = await useOnnxBackend();
  const model = buildModel(plainNetwork, size, 3, 11);
  const mixing = {
    ...model,
    forward: (pixels: tf.Tensor) => {
      const { logits, embedding } = model.forward(pixels);
      return { logits: tf.sub(logits, tf.mean(logits, 0, true)), embedding };
    },
  };
  expect(() => exportOnnx(backend, mixing, { calibration: uncalibrated })).toThrow(
    expect.objectContaining({
      code: 'not-exportable',
      message: expect.stringMatching(/cannot be exported: \w+ mixes the images/),
      hint: expect.stringContaining('each image on its own'),
    }),
  );
  model.dispose();
});

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)));
}
