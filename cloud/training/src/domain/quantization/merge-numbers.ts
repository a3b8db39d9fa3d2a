/**
 * The same graph with numbers that are applied one after the other made into one: `(x - a) · b + c` is `x · b + (c - a · b)`, and what a
 * product's columns are multiplied with is part of its matrix. The results differ in the last bits of a float.
 */
import { constantOf, planOf, resultOf, sizeOf, type Value } from '@pomona/onnx-backend/graph';

export function mergeNumbers(targets: readonly Value[]): Value[] {
  const replaced = new Map<Value, Value>();
  const newOf = (value: Value): Value => replaced.get(value) ?? value;
  for (const result of planOf(targets).results) {
    const { name, inputs, attributes, domain } = result.operation!;
    const own = inputs.map(newOf);
    const [x, numbers] = own as [Value, Value];
    const merged = isNumbers(numbers, result) ? applied(name, x, numbers) : undefined;
    replaced.set(result, merged ?? resultOf(name, own, result.type, result.shape, attributes, domain));
  }
  return targets.map(newOf);
}

/** Undefined for what is neither a sum nor a product. */
function applied(name: string, x: Value, numbers: Value): Value | undefined {
  if (name === 'Add') return plus(x, numbers);
  if (name === 'Sub')
    return plus(
      x,
      combined(numbers, numbers, (a) => -a),
    );
  if (name === 'Mul') return times(x, numbers);
  return undefined;
}

function plus(x: Value, numbers: Value): Value {
  const { name = '', inputs = [] } = x.operation ?? {};
  const [inner, before] = inputs as [Value, Value];
  if (name === 'Add' && isNumbers(before, x))
    return plus(
      inner,
      combined(before, numbers, (a, b) => a + b),
    );
  return resultOf('Add', [x, numbers], x.type, x.shape);
}

function times(x: Value, numbers: Value): Value {
  const { name = '', inputs = [] } = x.operation ?? {};
  const [inner, before] = inputs as [Value, Value];
  const product = () => combined(before, numbers, (a, b) => a * b);
  if (name === 'Add' && isNumbers(before, x)) return plus(times(inner, numbers), product());
  if (name === 'Mul' && isNumbers(before, x)) return times(inner, product());
  if (name === 'MatMul' && before.data && before.shape.length === 2)
    return resultOf('MatMul', [inner, product()], x.type, x.shape);
  return resultOf('Mul', [x, numbers], x.type, x.shape);
}

/** Float numbers along the last axis of `x`, or one for all of it. */
function isNumbers(value: Value | undefined, x: Value): value is Value {
  if (!(value?.data instanceof Float32Array) || x.type !== 'float32') return false;
  return (
    value.data.length === 1 ||
    (sizeOf(value.shape) === x.shape.at(-1) && value.shape.at(-1) === x.shape.at(-1))
  );
}

/** Element by element along the last axis; of two lengths the longer one's shape. */
function combined(a: Value, b: Value, combine: (a: number, b: number) => number): Value {
  const [one, other] = [a.data as Float32Array, b.data as Float32Array];
  const { shape } = one.length >= other.length ? a : b;
  const at = (data: Float32Array, index: number): number => data[index % data.length]!;
  const numbers = Float32Array.from({ length: Math.max(one.length, other.length) }, (_, index) =>
    combine(at(one, index), at(other, index)),
  );
  return constantOf('float32', shape, numbers);
}
