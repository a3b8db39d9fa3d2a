import {
  conv2d,
  getBackend,
  grads,
  setBackend,
  square,
  sum,
  type Tensor4D,
  tensor4d,
  tidy,
} from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-layers';
import { useOnnxBackend } from '@pomona/onnx-backend';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { registerWasmGradient } from './wasm-gradients.ts';

let before: string;

beforeAll(async () => {
  await useOnnxBackend();
  before = getBackend();
  registerWasmGradient();
});

afterAll(async () => {
  await setBackend(before);
});

test.each([
  [5, 2, 9],
  [3, 1, 8],
  [3, 2, 8],
] as const)(
  'a filter of %i learns at a stride of %i on WASM what it learns on the CPU',
  async (kernel, stride, side) => {
    const gradients = async (backend: string) => {
      await setBackend(backend);
      return tidy(() => {
        const x = tensor4d(waves(2 * side * side * 3), [2, side, side, 3]);
        const filter = tensor4d(waves(kernel * kernel * 12), [kernel, kernel, 3, 4]);
        const loss = (a: Tensor4D, b: Tensor4D) => sum(square(conv2d(a, b, stride, 'same')));
        return grads(loss as never)([x, filter]).map((each) => each.dataSync());
      });
    };
    const [expected, actual] = [await gradients('cpu'), await gradients('wasm')];
    expected.forEach((numbers, at) => {
      const largest = Math.max(...numbers.map(Math.abs));
      numbers.forEach((number, i) => {
        expect(Math.abs(actual[at]![i]! - number)).toBeLessThan(1e-4 * largest);
      });
    });
  },
);

function waves(length: number): Float32Array {
  return Float32Array.from({ length }, (_, at) => Math.sin(at * 1.7));
}
