import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomInt, seededRandom } from '@pomona/wire';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { uncalibrated } from '../domain/score-calibration.ts';
import { plainNetwork } from '../fixtures/plain-network.ts';
import { type BuiltModel, buildModel } from '../use-cases/build-model.ts';
import { exportOnnx } from './export-onnx.ts';
import { openSession } from './ort-session.ts';
import { useOnnxBackend } from './register-backend.ts';

const size = 32;
const calibration = { scale: 0.6, shift: [0, 0.5, -2] };

async function exported() {
  const backend = await useOnnxBackend();
  const model = buildModel(plainNetwork, size, 3, 11);
  return { backend, model, bytes: exportOnnx(backend, model, { calibration }) };
}

function randomPixels(count: number): Uint8Array {
  const random = seededRandom(count, 'pixels');
  return Uint8Array.from({ length: count * size * size * 3 }, () => randomInt(random, 256));
}

describe('the exported file', () => {
  test.each([1, 5])('says what TensorFlow.js says, for a batch of %i', async (count) => {
    const { backend, model, bytes } = await exported();
    const pixels = randomPixels(count);
    const shape = [count, size, size, 3];
    const session = openSession(bytes);
    const [probabilities, embedding] = session.run(
      new Map([['images', { type: 'uint8', shape, data: pixels }]]),
      ['probabilities', 'embedding'],
    );
    session.dispose();
    const expected = tf.tidy(() => {
      const out = model.forward(backend.images(pixels, shape));
      return [tf.softmax(tf.add(tf.mul(out.logits, 0.6), [0, 0.5, -2])).dataSync(), out.embedding.dataSync()];
    });
    expect(probabilities).toHaveLength(count * 3);
    expect(largestDifference(expected[0]!, probabilities as Float32Array)).toBeLessThanOrEqual(1e-4);
    expect(embedding).toHaveLength(count * 32);
    expect(largestDifference(expected[1]!, embedding as Float32Array)).toBeLessThanOrEqual(1e-3);
    model.dispose();
  });

  test('holds the weights ready to use: no operation works on constants only', async () => {
    const { model, bytes } = await exported();
    // Three transpositions of weights would be here if they were left to the reader; one of the images may be.
    expect(
      Buffer.from(bytes)
        .toString('latin1')
        .match(/Transpose_\d+/g)?.length ?? 0,
    ).toBeLessThanOrEqual(3);
    model.dispose();
  });

  const unfit: Readonly<Record<string, readonly [RegExp, (logits: tf.Tensor) => tf.Tensor]>> = {
    'mixes the images': [/\w+ mixes the images/, (logits) => tf.sub(logits, tf.mean(logits, 0, true))],
    'drops some of the images': [
      /\w+ mixes the images/,
      (logits) => tf.slice(logits, [1, 0], [logits.shape[0]! - 1, 3]),
    ],
    'needs as many rows as there are images': [
      /fixes the number of images/,
      (logits) => tf.concat([logits, tf.zeros([logits.shape[0]!, 1])], 1),
    ],
  };
  test.each(Object.entries(unfit))('is refused for a network that %s', async (_, [reason, change]) => {
    const { backend, model } = await exported();
    const changed: BuiltModel = {
      ...model,
      forward: (pixels) => {
        const { logits, embedding } = model.forward(pixels);
        return { logits: change(logits), embedding };
      },
    };
    expect(() => exportOnnx(backend, changed, { calibration: uncalibrated })).toThrow(reason);
    model.dispose();
  });

  test('passes onnx.checker', async ({ skip }) => {
    const python = pythonWithOnnx();
    if (!python) {
      if (process.env.POMONA_REQUIRE_ALL === '1')
        throw new Error('python3-onnx is needed: apt-get install python3-onnx');
      console.warn('skipped: no python3 with onnx here, so onnx.checker was not asked');
      skip();
      return;
    }
    const { model, bytes } = await exported();
    const folder = mkdtempSync(join(tmpdir(), 'pomona-export-'));
    const path = join(folder, 'model.onnx');
    writeFileSync(path, bytes);
    const script = [
      'import onnx, sys, json',
      'm = onnx.load(sys.argv[1])',
      'onnx.checker.check_model(m, full_check=True)',
      'shape = lambda v: [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim]',
      'print(json.dumps({v.name: shape(v) for v in [*m.graph.input, *m.graph.output]}))',
    ].join('\n');
    const checked = spawnSync(python, ['-c', script, path], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect(checked.stderr).toBe('');
    expect(JSON.parse(checked.stdout)).toEqual({
      images: ['n', size, size, 3],
      probabilities: ['n', 3],
      embedding: ['n', 32],
    });
    model.dispose();
  });
});

function pythonWithOnnx(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((each) => spawnSync(each, ['-c', 'import onnx']).status === 0);
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)));
}
