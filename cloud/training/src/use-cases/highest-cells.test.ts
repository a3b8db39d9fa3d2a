import { useOnnxBackend } from '@pomona/onnx-backend';
import { grad, mul, sum, type Tensor, type Tensor4D, tensor, tensor4d } from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { HighestCells } from './highest-cells.ts';

beforeAll(() => useOnnxBackend());

/** [2, 2, 3, 2]: the second channel, of rot, has no say. */
const map = [
  [4, -1, 7, 0.5, 2, 6],
  [-3, -3, -5, -3, -4, -9],
];
const maps = (): Tensor4D =>
  tensor4d(
    map.flatMap((cells) => cells.flatMap((cell) => [cell, 99])),
    [2, 2, 3, 2],
  );
const highest = (cells: number, of: Tensor): Tensor =>
  new HighestCells({ cells, cellsLearning: 1 }).apply(of) as Tensor;

test('is the mean of the highest cells of the first channel; where several are equal all of them count', () => {
  expect([...highest(3, maps()).dataSync()]).toEqual([expect.closeTo(17 / 3, 5), -3]);
  expect([...highest(1, maps()).dataSync()]).toEqual([7, -3]);
  expect([...highest(6, maps()).dataSync()]).toEqual([
    expect.closeTo(18.5 / 6, 5),
    expect.closeTo(-27 / 6, 5),
  ]);
});

test('its gradient goes to those cells alone, in equal shares', () => {
  const weights = tensor([1, 10], [2, 1]);
  const loss = (of: Tensor): Tensor => sum(mul(highest(2, of), weights));
  const gradient = [...grad(loss)(maps()).dataSync()].filter((_, at) => at % 2 === 0);
  const third = expect.closeTo(10 / 3, 5);
  expect(gradient).toEqual([0, 0, 0.5, 0, 0, 0.5, third, third, 0, third, 0, 0]);
});

test('counts fewer cells while the network learns', () => {
  const layer = new HighestCells({ cells: 3, cellsLearning: 1 });
  layer.isLearning = true;
  expect([...(layer.apply(maps()) as Tensor).dataSync()]).toEqual([7, -3]);
  layer.isLearning = false;
  expect((layer.apply(maps()) as Tensor).dataSync()[0]).toBeCloseTo(17 / 3, 5);
});
