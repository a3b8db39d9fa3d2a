/** The basic operations that lowering rules are written in. */
import {
  broadcastShape,
  constantOf,
  type ElementArray,
  type ElementType,
  inputOf,
  resultOf,
  sameShape,
  sizeOf,
  sourceOf,
  type Value,
} from './value.ts';

const vectors = new Map<string, Value>();
const vectorCountMax = 4096;

/** A constant vector of int64: axes, shapes, paddings. The same numbers give the same value. */
export function integers(numbers: readonly number[]): Value {
  const key = numbers.join();
  let vector = vectors.get(key);
  if (!vector) {
    if (vectors.size >= vectorCountMax) vectors.clear();
    vector = constantOf('int64', [numbers.length], BigInt64Array.from(numbers, BigInt));
    vectors.set(key, vector);
  }
  return vector;
}

export function constantNumber(type: ElementType, number: number): Value {
  return constantOf(type, [], arrayOf(type, [number]));
}

export function constantNumbers(
  type: ElementType,
  shape: readonly number[],
  numbers: readonly number[],
): Value {
  return constantOf(type, shape, arrayOf(type, numbers));
}

export function arrayOf(type: ElementType, numbers: ArrayLike<number>): ElementArray {
  switch (type) {
    case 'float32':
      return Float32Array.from(numbers);
    case 'int32':
      return Int32Array.from(numbers);
    case 'int64':
      return BigInt64Array.from(Array.from(numbers, BigInt));
    case 'bool':
    case 'uint8':
      return Uint8Array.from(numbers);
    case 'int8':
      return Int8Array.from(numbers);
  }
}

/** TensorProto.DataType of the ONNX format. */
export const elementTypeCodes: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
};

export function cast(x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  return resultOf('Cast', [x], type, x.shape, { to: { int: elementTypeCodes[type] } });
}

export function reshape(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.data) {
    return x.constant ? constantOf(x.type, shape, x.data) : sourceOf(x.type, shape, x.data);
  }
  const inner = inputOf(x, 'Reshape');
  return inner ? reshape(inner, shape) : resultOf('Reshape', [x, integers(shape)], x.type, shape);
}

export function transpose(x: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, at) => axis === at)) return x;
  const inner = inputOf(x, 'Transpose');
  if (inner) {
    const before = permutationOf(x);
    return transpose(
      inner,
      permutation.map((axis) => before[axis]!),
    );
  }
  const shape = permutation.map((axis) => x.shape[axis]!);
  // Moving an axis of length 1 moves no data.
  const moved = permutation.filter((axis) => x.shape[axis] !== 1);
  if (moved.every((axis, at) => at === 0 || axis > moved[at - 1]!)) return reshape(x, shape);
  return resultOf('Transpose', [x], x.type, shape, { perm: { ints: permutation } });
}

export function permutationOf(x: Value): readonly number[] {
  const attribute = x.operation?.attributes.perm;
  if (!attribute || !('ints' in attribute)) throw new Error('not a transposition');
  return attribute.ints;
}

/** Repeats `x` along its axes of length 1. Element-wise operations look through it and never see the copies. */
export function expand(x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  return resultOf('Expand', [x, integers(shape)], x.type, broadcastShape([x.shape, shape]));
}

export function concatenate(parts: readonly Value[], axis: number): Value {
  const [first] = parts;
  if (!first) throw new Error('nothing to concatenate');
  if (parts.length === 1) return first;
  const shape = [...first.shape];
  shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
  return resultOf('Concat', parts, first.type, shape, { axis: { int: axis } });
}

/** `ends` exclusive; axes that are taken whole do not appear in the operation. */
export function slice(
  x: Value,
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = starts.map(() => 1),
): Value {
  const axes = x.shape.flatMap((length, axis) =>
    starts[axis] === 0 && ends[axis] === length && steps[axis] === 1 ? [] : [axis],
  );
  if (axes.length === 0) return x;
  const shape = x.shape.map((_, axis) =>
    Math.max(0, Math.ceil((ends[axis]! - starts[axis]!) / steps[axis]!)),
  );
  const pick = (numbers: readonly number[]): Value => integers(axes.map((axis) => numbers[axis]!));
  return resultOf('Slice', [x, pick(starts), pick(ends), integers(axes), pick(steps)], x.type, shape);
}

/** The elements along some axes in reversed order. */
export function reverse(x: Value, axes: readonly number[]): Value {
  const turned = axes.filter((axis) => x.shape[axis] !== 1);
  if (turned.length === 0) return x;
  const all = (value: number): Value => integers(turned.map(() => value));
  const beforeFirst = -Number.MAX_SAFE_INTEGER;
  return resultOf('Slice', [x, all(-1), all(beforeFirst), integers(turned), all(-1)], x.type, x.shape);
}

/** Negative numbers cut off. */
export function pad(x: Value, pads: readonly (readonly [number, number])[], number: number): Value {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((length, axis) => length + pads[axis]![0] + pads[axis]![1]);
  const all = [...pads.map(([before]) => before), ...pads.map(([, after]) => after)];
  return resultOf('Pad', [x, integers(all), constantNumber(x.type, number)], x.type, shape);
}

/** Matrix product over the last two axes; those before broadcast. */
export function multiplyMatrices(a: Value, b: Value): Value {
  const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)]);
  return resultOf('MatMul', [a, b], a.type, [...batch, a.shape.at(-2)!, b.shape.at(-1)!]);
}

export function swapLastTwo(x: Value): Value {
  const axes = x.shape.map((_, axis) => axis);
  const last = axes.length - 1;
  return transpose(x, [...axes.slice(0, -2), last, last - 1]);
}

export function isScalarLike(x: Value): boolean {
  return sizeOf(x.shape) === 1;
}
