import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { NotExportable, traceGraph, writeOnnx } from './export-onnx.ts';
import { openSession } from './ort-session.ts';
import { useOnnxBackend } from './register-backend.ts';

const [height, width, channels] = [20, 24, 3];

type Outputs = Readonly<Record<string, tf.Tensor>>;
const unchanged = (outputs: Outputs): Outputs => outputs;

/** A small network with two outputs; `change` is done to what it says. */
async function exported(change = unchanged) {
  const backend = await useOnnxBackend();
  const { layers } = tfl;
  const input = tfl.input({ shape: [height, width, channels] });
  const first = layers.conv2d({ filters: 16, kernelSize: 5, strides: 2, activation: 'relu' }).apply(input);
  const second = layers.conv2d({ filters: 32, kernelSize: 3, strides: 2, activation: 'relu' }).apply(first);
  const pooled = layers.globalAveragePooling2d({}).apply(layers.batchNormalization().apply(second));
  const answer = layers.dense({ units: 3, activation: 'softmax' }).apply(pooled);
  const model = tfl.model({ inputs: input, outputs: [answer, pooled] as tfl.SymbolicTensor[] });
  const forward = (images: tf.Tensor) => {
    const [probabilities, embedding] = model.apply(tf.div(images, 64)) as [tf.Tensor, tf.Tensor];
    return { probabilities, embedding };
  };
  const write = () =>
    writeOnnx(
      traceGraph(backend, 'small', { height, width, channels }, (images) => change(forward(images))),
      {
        metadata: { labels: 'a,b,c' },
      },
    );
  return { backend, model, forward, write };
}

function randomPixels(count: number): Uint8Array {
  return tf.tidy(() =>
    Uint8Array.from(tf.randomUniform([count * height * width * channels], 0, 256, 'int32', count).dataSync()),
  );
}

describe('the exported file', () => {
  test.each([1, 5])('says what TensorFlow.js says, for a batch of %i', async (count) => {
    const { backend, model, forward, write } = await exported();
    const pixels = randomPixels(count);
    const shape = [count, height, width, channels];
    const session = openSession(write());
    const [probabilities, embedding] = session.run(
      new Map([['images', { type: 'uint8', shape, data: pixels }]]),
      ['probabilities', 'embedding'],
    );
    session.dispose();
    const expected = tf.tidy(() => {
      const out = forward(backend.images(pixels, shape));
      return [out.probabilities.dataSync(), out.embedding.dataSync()];
    });
    expect(probabilities).toHaveLength(count * 3);
    expect(largestDifference(expected[0]!, probabilities as Float32Array)).toBeLessThanOrEqual(1e-4);
    expect(embedding).toHaveLength(count * 32);
    expect(largestDifference(expected[1]!, embedding as Float32Array)).toBeLessThanOrEqual(1e-3);
    model.dispose();
  });

  test('holds the weights ready to use: no operation works on constants only', async () => {
    const { model, write } = await exported();
    // Three transpositions of weights would be here if they were left to the reader; one of the images may be.
    expect(
      Buffer.from(write())
        .toString('latin1')
        .match(/Transpose_\d+/g)?.length ?? 0,
    ).toBeLessThanOrEqual(3);
    model.dispose();
  });

  const unfit: Readonly<Record<string, readonly [RegExp, (answer: tf.Tensor) => tf.Tensor]>> = {
    'mixes the images': [/\w+ mixes the images/, (answer) => tf.sub(answer, tf.mean(answer, 0, true))],
    'drops some of the images': [
      /\w+ mixes the images/,
      (answer) => tf.slice(answer, [1, 0], [answer.shape[0]! - 1, 3]),
    ],
    'needs as many rows as there are images': [
      /fixes the number of images/,
      (answer) => tf.concat([answer, tf.zeros([answer.shape[0]!, 1])], 1),
    ],
  };
  test.each(Object.entries(unfit))('is refused for a network that %s', async (_, [reason, change]) => {
    const { model, write } = await exported(({ probabilities }) => ({ answer: change(probabilities!) }));
    expect(write).toThrow(NotExportable);
    expect(write).toThrow(reason);
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
    const { model, write } = await exported();
    const folder = mkdtempSync(join(tmpdir(), 'pomona-export-'));
    const path = join(folder, 'model.onnx');
    writeFileSync(path, write());
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
      images: ['n', height, width, channels],
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
