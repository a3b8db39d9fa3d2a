import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { useOnnxBackend } from './register-backend.ts';

describe('the ONNX backend', () => {
  test('runs one graph for all tensors that are read together', async () => {
    const backend = await useOnnxBackend();
    tf.tidy(() => {
      const x = tf.tensor1d([1, 2, 3]);
      const sum = tf.add(x, 1);
      const product = tf.mul(sum, 2);
      const before = backend.runner.counts.runs;
      expect([...product.dataSync()]).toEqual([4, 6, 8]);
      expect([...sum.dataSync()]).toEqual([2, 3, 4]);
      expect(backend.runner.counts.runs).toBe(before + 1);
    });
  });

  test('compiles a graph once, whatever numbers flow through it', async () => {
    const backend = await useOnnxBackend();
    const compute = (a: number, b: number) =>
      tf.tidy(() => tf.mul(tf.tensor1d([a, 2]), tf.fill([2], b)).dataSync()[0]);
    expect(compute(3, 4)).toBe(12);
    const before = backend.runner.counts.compiled;
    expect(compute(5, 6)).toBe(30);
    expect(backend.runner.counts.compiled).toBe(before);
  });

  test('does not compute what nobody keeps', async () => {
    const backend = await useOnnxBackend();
    const kept = tf.tidy(() => tf.relu(tf.add(tf.tensor1d([-1, 1]), 0)));
    expect(backend.pendingCount).toBe(1);
    expect([...kept.dataSync()]).toEqual([0, 1]);
    kept.dispose();
    expect(backend.pendingCount).toBe(0);
  });

  test('gives a tensor its number although another name of it was disposed of', async () => {
    await useOnnxBackend();
    const x = tf.neg(tf.tensor1d([1, 2]));
    const same = tf.reshape(x, [2]);
    x.dispose();
    expect([...same.dataSync()]).toEqual([-1, -2]);
    same.dispose();
  });

  test('holds no more compiled graphs than its limit', async () => {
    const backend = await useOnnxBackend();
    for (let length = 1; length <= 60; length++) {
      tf.tidy(() => tf.add(tf.tensor1d(new Float32Array(length)), 1).dataSync());
    }
    expect(backend.runner.counts.cached).toBeLessThanOrEqual(48);
  });
});
