import { integers, reshape } from './build.ts';
import { channelsFirst } from './layout.ts';
import { resultOf, sizeOf, type Value } from './value.ts';

export type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin' | 'ReduceProd';

export function reduce(name: Reduction, x: Value, axes: readonly number[], keepAxes: boolean): Value {
  const shape = x.shape.flatMap((length, axis) => {
    if (!axes.includes(axis)) return [length];
    return keepAxes ? [1] : [];
  });
  // Over whole planes it makes no difference in which order the axes lie.
  const stored = axes.includes(1) && axes.includes(2) ? x.stored : undefined;
  if (stored?.layout === channelsFirst && name === 'ReduceMean' && axes.length === 2) {
    const pooled = [...stored.value.shape.slice(0, 2), 1, 1];
    return reshape(resultOf('GlobalAveragePool', [stored.value], x.type, pooled), shape);
  }
  const over = stored ? axes.flatMap((axis) => stored.layout.axes[axis]!) : axes;
  return reshape(reduceRuns(name, stored?.value ?? x, new Set(over)), shape);
}

/**
 * One run of adjacent axes after the other, the innermost first: ONNX Runtime has fast paths for those alone, and takes
 * ten times as long over axes with others between them.
 */
function reduceRuns(name: Reduction, x: Value, over: ReadonlySet<number>): Value {
  const last = x.shape.findLastIndex((_, axis) => over.has(axis));
  if (last === -1) return x;
  let first = last;
  while (over.has(first - 1)) first--;
  const outer = x.shape.slice(0, first);
  const inner = x.shape.slice(last + 1);
  const run = sizeOf(x.shape.slice(first, last + 1));
  const reduced = reduceAxis(name, reshape(x, [...outer, run, ...inner]), first, [...outer, ...inner]);
  return reduceRuns(name, reduced, new Set([...over].filter((axis) => axis < first)));
}

/** Opset 17: the sum takes its axes as an input, the others as an attribute. */
function reduceAxis(name: Reduction, x: Value, axis: number, shape: readonly number[]): Value {
  const keepdims = { int: 0 };
  if (name === 'ReduceSum') return resultOf(name, [x, integers([axis])], x.type, shape, { keepdims });
  return resultOf(name, [x], x.type, shape, { axes: { ints: [axis] }, keepdims });
}
