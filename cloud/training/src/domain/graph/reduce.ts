import { integers, reshape } from './build.ts';
import { behindChannelsLast } from './layout.ts';
import { resultOf, type Value } from './value.ts';

export type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

const firstOf = [0, 2, 3, 1] as const;

export function reduce(name: Reduction, x: Value, axes: readonly number[], keepAxes: boolean): Value {
  const shape = x.shape.flatMap((length, axis) => {
    if (!axes.includes(axis)) return [length];
    return keepAxes ? [1] : [];
  });
  if (axes.length === 0) return x;
  // Over whole planes it makes no difference where the channels stand.
  const inner = axes.includes(1) && axes.includes(2) ? behindChannelsLast(x) : undefined;
  if (inner && name === 'ReduceMean' && axes.length === 2) {
    const pooled = [...inner.shape.slice(0, 2), 1, 1];
    return reshape(resultOf('GlobalAveragePool', [inner], x.type, pooled), shape);
  }
  const source = inner ?? x;
  const over = inner ? axes.map((axis) => firstOf[axis]!).sort() : axes;
  const left = source.shape.filter((_, axis) => !over.includes(axis));
  const keepdims = { int: 0 };
  // Opset 17: the sum takes its axes as an input, the others as an attribute.
  const result =
    name === 'ReduceSum'
      ? resultOf(name, [source, integers(over)], x.type, left, { keepdims })
      : resultOf(name, [source], x.type, left, { axes: { ints: over }, keepdims });
  return reshape(result, shape);
}
