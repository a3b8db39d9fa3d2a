import { constantOf, integers, planOf, resultOf, sourceOf, type Value } from '@pomona/onnx-backend/graph';
import { describe, expect, it, test } from 'vitest';
import { linesBetween, pooledOf, withLines } from './pooled-lines.ts';

const cells = sourceOf('float32', [8, 4, 3, 3], new Float32Array(288));
const relu = resultOf('Relu', [cells], 'float32', cells.shape);
const pool = (name: string): Value =>
  resultOf('Reshape', [resultOf(name, [relu], 'float32', [8, 4, 1, 1]), integers([8, 4])], 'float32', [8, 4]);
const [means, peaks] = [pool('GlobalAveragePool'), pool('GlobalMaxPool')];
const both = resultOf('Concat', [means, peaks], 'float32', [8, 8], { axis: { int: 1 } });
const matrix = constantOf('float32', [8, 2], new Float32Array(16));
const logits = resultOf('MatMul', [both, matrix], 'float32', [8, 2]);

describe('where cells have become numbers of an image', () => {
  it('is one place where they are joined, and not behind', () => {
    const long = resultOf('Reshape', [logits, integers([1, 8, 2])], 'float32', [1, 8, 2]);
    const flat = resultOf('Reshape', [long, integers([8, 2])], 'float32', [8, 2]);
    expect(pooledOf([flat, relu])).toEqual([both]);
    expect(pooledOf([means, peaks])).toEqual([means, peaks]);
  });

  it('gets a line, and what stands before it stays the same', () => {
    const lines = { factors: new Float32Array(8).fill(2), offsets: new Float32Array(8) };
    const [after, untouched] = withLines([logits, relu], new Map([[both, lines]])) as [Value, Value];
    expect(untouched).toBe(relu);
    const names = planOf([after]).results.map(({ operation }) => operation!.name);
    expect(names.slice(-4)).toEqual(['Concat', 'Mul', 'Add', 'MatMul']);
    expect(planOf([after]).results).toContain(both);
    expect(withLines([logits], new Map())).toEqual([logits]);
  });
});

/** Of two features; the second is always the same. */
function found(images: number): Float32Array {
  return Float32Array.from({ length: 2 * images }, (_, at) => (at % 2 === 0 ? Math.sin(at) : 0.25));
}

test('a line leads from what was found to what should be, and a feature that never differs is moved', () => {
  const x = found(100);
  const wanted = x.map((each, at) => (at % 2 === 0 ? 1.5 * each - 0.5 : 1));
  const { factors, offsets } = linesBetween(x, wanted, 2);
  expect(factors[0]).toBeCloseTo(1.5, 5);
  expect(offsets[0]).toBeCloseTo(-0.5, 5);
  expect([factors[1], offsets[1]]).toEqual([1, 0.75]);
});

test('of few images only the mean is believed', () => {
  const x = found(10);
  const { factors, offsets } = linesBetween(
    x,
    x.map((each) => 3 * each + 1),
    2,
  );
  expect([...factors]).toEqual([1, 1]);
  const mean = x.reduce((sum, each, at) => sum + (at % 2 === 0 ? each : 0), 0) / 10;
  expect(offsets[0]).toBeCloseTo(2 * mean + 1, 5);
});
