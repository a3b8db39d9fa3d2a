import { openSession } from '@pomona/onnx-backend';
import { expect, it } from 'vitest';
import { evenModel } from '../domain/even-model.ts';

it('makes a model of a given size that runs and finds every label as likely', () => {
  const weights = Float32Array.from({ length: 25_000 }, (_, at) => Math.sin(at));
  const model = evenModel(8, 3, weights);
  expect(model.byteLength / 100_000).toBeCloseTo(1, 1);
  const session = openSession(model, { threads: 1 });
  const data = Uint8Array.from({ length: 2 * 8 * 8 * 3 }, (_, at) => at % 256);
  const feeds = new Map([['images', { type: 'uint8', shape: [2, 8, 8, 3], data } as const]]);
  const [probabilities] = session.run(feeds, ['probabilities']);
  expect([...probabilities!].map(Number)).toEqual(new Array(6).fill(Math.fround(1 / 3)));
  session.dispose();
});
