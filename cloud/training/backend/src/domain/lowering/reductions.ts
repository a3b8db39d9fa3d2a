import {
  type ArgMaxAttrs,
  type CumsumAttrs,
  type LogSoftmaxAttrs,
  type MaxAttrs,
  type SoftmaxAttrs,
  type SumAttrs,
  util,
} from '@tensorflow/tfjs-core';
import { cast, constantNumber, constantNumbers } from '../graph/build.ts';
import { type Reduction, reduce } from '../graph/reduce.ts';
import { resultOf, type Value } from '../graph/value.ts';
import type { Rules, Unary } from './rule.ts';

/** A kernel of our own: of each row of `x` the k-th highest number, [n, w] → [n, 1]. It has no gradient. */
export const kthHighestKernel = 'KthHighest';

export interface KthHighestAttributes {
  readonly k: number;
}

const reduction =
  (name: Reduction) =>
  ({ x }: Unary, { axis, keepDims }: SumAttrs): Value =>
    reduce(name, x, util.parseAxisParam(axis ?? null!, [...x.shape]), keepDims ?? false);

/** Over booleans, as the minimum or maximum of 0 and 1. */
const logical =
  (name: Reduction) =>
  ({ x }: Unary, attributes: SumAttrs): Value =>
    cast(reduction(name)({ x: cast(x, 'int32') }, attributes), 'bool');

const position =
  (name: 'ArgMax' | 'ArgMin') =>
  ({ x }: Unary, attributes: ArgMaxAttrs): Value => {
    const [axis = 0] = util.parseAxisParam(attributes.axis, [...x.shape]);
    const shape = x.shape.filter((_, at) => at !== axis);
    const found = resultOf(name, [x], 'int64', shape, { axis: { int: axis }, keepdims: { int: 0 } });
    return cast(found, 'int32');
  };

export const reductionRules: Rules = {
  Sum: reduction('ReduceSum'),
  Mean: ({ x }: Unary, attributes: SumAttrs) =>
    reduction('ReduceMean')({ x: cast(x, 'float32') }, attributes),
  Max: ({ x }: Unary, { reductionIndices: axis, keepDims }: MaxAttrs) =>
    reduction('ReduceMax')({ x }, { axis, keepDims }),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: position('ArgMax'),
  ArgMin: position('ArgMin'),
  [kthHighestKernel]: ({ x }: Unary, { k }: KthHighestAttributes) => {
    const shape = [...x.shape.slice(0, -1), k];
    const highest = resultOf('TopK', [x, constantNumbers('int64', [1], [k])], x.type, shape);
    return reduce('ReduceMin', highest, [shape.length - 1], true);
  },
  Softmax: ({ logits }: { logits: Value }, { dim }: SoftmaxAttrs) => alongAxis('Softmax', logits, dim),
  LogSoftmax: ({ logits }: { logits: Value }, { axis }: LogSoftmaxAttrs) =>
    alongAxis('LogSoftmax', logits, axis),
  Cumsum: ({ x }: Unary, { axis, exclusive, reverse }: CumsumAttrs) =>
    resultOf('CumSum', [x, constantNumber('int64', axis)], x.type, x.shape, {
      exclusive: { int: exclusive ? 1 : 0 },
      reverse: { int: reverse ? 1 : 0 },
    }),
};

function alongAxis(name: 'Softmax' | 'LogSoftmax', x: Value, axis: number): Value {
  const at = axis < 0 ? axis + x.shape.length : axis;
  return resultOf(name, [x], x.type, x.shape, { axis: { int: at } });
}
