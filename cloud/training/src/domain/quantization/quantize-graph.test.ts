import { openSession } from '@pomona/onnx-backend';
import {
  type Attributes,
  cast,
  constantNumber,
  constantOf,
  integers,
  modelBytes,
  planOf,
  resultOf,
  sizeOf,
  sourceOf,
  transpose,
  type Value,
} from '@pomona/onnx-backend/graph';
import { seededRandom } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { foldColumns } from './fold-columns.ts';
import { mergeNumbers } from './merge-numbers.ts';
import { poolByProduct } from './pool-by-product.ts';

const random = seededRandom(3, 'graph');

function floats(shape: readonly number[], most = 1): Value {
  const numbers = Float32Array.from({ length: sizeOf(shape) }, () => most * (2 * random.next() - 1));
  return constantOf('float32', shape, numbers);
}

function bytesIn(shape: readonly number[]): Value {
  return sourceOf(
    'uint8',
    shape,
    Uint8Array.from({ length: sizeOf(shape) }, () => Math.floor(256 * random.next())),
  );
}

function numbersOf(input: Value, target: Value): number[] {
  const plan = planOf([target]);
  const nameOf = (value: Value) => `v${plan.indexOf.get(value)}`;
  const session = openSession(modelBytes(plan, { name: 'test', nameOf, inputs: [input] }), { threads: 1 });
  const { type, shape, data } = input;
  const [numbers] = session.run(new Map([[nameOf(input), { type, shape, data: data! }]]), [nameOf(target)]);
  session.dispose();
  return Array.from(numbers!, Number);
}

const operationsOf = (target: Value) => planOf([target]).results.map(({ operation }) => operation!.name);

describe('a convolution on columns that were folded', () => {
  const attributesOf = (pads: number[]): Attributes => ({
    ...{ strides: { ints: [2, 2] }, dilations: { ints: [1, 1] }, pads: { ints: pads } },
  });

  it.each([
    { kernel: 5, pads: [1, 1, 2, 2] },
    { kernel: 3, pads: [0, 0, 1, 1] },
    { kernel: 5, pads: [2, 2, 1, 1] },
  ])('gives the same numbers: kernel $kernel, pads $pads', ({ kernel, pads }) => {
    const images = bytesIn([2, 12, 16, 3]);
    const filter = floats([4, 3, kernel, kernel]);
    const pixels = cast(transpose(images, [0, 3, 1, 2]), 'float32');
    const plain = resultOf('Conv', [pixels, filter], 'float32', [2, 4, 6, 8], attributesOf(pads));
    const folded = foldColumns(plain, images)!;
    const own = { strides: { ints: folded.strides }, pads: { ints: folded.pads } };
    const inputs = [cast(folded.pixels, 'float32'), folded.filterOf(filter)];
    const convolved = folded.unfold(resultOf('Conv', inputs, 'float32', folded.shape, own));
    expect(convolved.shape).toEqual(plain.shape);
    const [expected, found] = [numbersOf(images, plain), numbersOf(images, convolved)];
    expect(Math.max(...expected.map((each, at) => Math.abs(each - found[at]!)))).toBeLessThan(1e-3);
    expect(Math.max(...expected)).toBeGreaterThan(10);
  });

  it('is left as it is where columns do not come out even, and where the stride is another', () => {
    const filter = floats([4, 3, 5, 5]);
    const of = (columns: number, strides: number[]) => {
      const images = bytesIn([1, 12, columns, 3]);
      const pixels = cast(transpose(images, [0, 3, 1, 2]), 'float32');
      const attributes = { ...attributesOf([1, 1, 2, 2]), strides: { ints: strides } };
      return foldColumns(resultOf('Conv', [pixels, filter], 'float32', [1, 4, 6, 6], attributes), images);
    };
    expect(of(14, [2, 2])).toBeUndefined();
    expect(of(16, [1, 1])).toBeUndefined();
    expect(of(16, [2, 2])).toBeDefined();
  });
});

describe('the weighted mean of cells', () => {
  const shape = [2, 5, 4, 6];
  const weights = constantOf(
    'float32',
    [1, 1, 4, 6],
    Float32Array.from({ length: 24 }, () => 1 + 2.5 * random.next()),
  );
  const meanOf = (features: Value) =>
    resultOf(
      'GlobalAveragePool',
      [resultOf('Mul', [features, weights], 'float32', shape)],
      'float32',
      [2, 5, 1, 1],
    );

  it('is a product, of bytes as of floats', () => {
    const bytes = bytesIn(shape);
    const scales = [constantNumber('float32', 0.02), constantNumber('uint8', 0)];
    const stored = resultOf('DequantizeLinear', [bytes, ...scales], 'float32', shape);
    for (const features of [stored, cast(bytes, 'float32')]) {
      const mean = meanOf(features);
      const product = poolByProduct(mean, (value) => value)!;
      const [expected, found] = [numbersOf(bytes, mean), numbersOf(bytes, product)];
      expect(found).toHaveLength(expected.length);
      // The weights are rounded to 255 steps.
      for (const [at, each] of expected.entries()) expect(found[at]! / each).toBeCloseTo(1, 2);
      expect(operationsOf(product)).not.toContain('GlobalAveragePool');
    }
  });

  it('is left as it is without weights', () => {
    const features = cast(bytesIn(shape), 'float32');
    const plain = resultOf('GlobalAveragePool', [features], 'float32', [2, 5, 1, 1]);
    expect(poolByProduct(plain, (value) => value)).toBeUndefined();
  });
});

describe('numbers that are applied one after the other', () => {
  const step = (name: string, x: Value, numbers: Value) => resultOf(name, [x, numbers], 'float32', x.shape);

  it('become one sum and one product, and part of a matrix', () => {
    const bytes = bytesIn([4, 6]);
    const normalised = step(
      'Add',
      step('Mul', step('Sub', cast(bytes, 'float32'), floats([6], 100)), floats([6])),
      floats([6]),
    );
    const logits = resultOf('MatMul', [normalised, floats([6, 3])], 'float32', [4, 3]);
    const scaled = step('Mul', step('Add', logits, floats([3])), constantNumber('float32', 0.4));
    const [merged] = mergeNumbers([scaled]) as [Value];
    expect(operationsOf(merged)).toEqual(['Cast', 'Mul', 'Add', 'MatMul', 'Add']);
    const [expected, found] = [numbersOf(bytes, scaled), numbersOf(bytes, merged)];
    for (const [at, each] of expected.entries()) expect(found[at]!).toBeCloseTo(each, 3);
  });

  it('stay where they run along another axis', () => {
    const cells = cast(bytesIn([2, 3, 3]), 'float32');
    const rows = step('Mul', step('Add', cells, floats([3, 1])), floats([3]));
    const reshaped = resultOf('Reshape', [rows, integers([2, 9])], 'float32', [2, 9]);
    expect(operationsOf(mergeNumbers([reshaped])[0]!)).toEqual(['Cast', 'Add', 'Mul', 'Reshape']);
  });
});
