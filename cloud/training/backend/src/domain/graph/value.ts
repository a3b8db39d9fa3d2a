/**
 * A lazy tensor. A value is one of three things:
 *  - a source: has `data`, came from outside; an input of every compiled graph that uses it,
 *  - a constant: has `data` and belongs to the graph's structure (axes, shapes, paddings),
 *  - a result: has an `operation`, and `data` once it was evaluated. Then the operation is dropped, so that what it was
 *    computed from can be freed, and the value is a source from there on.
 */
export type ElementType = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8' | 'int8';
export type ElementArray = Float32Array | Int32Array | BigInt64Array | Uint8Array | Int8Array;

export interface Value {
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly constant: boolean;
  data: ElementArray | undefined;
  operation: Operation | undefined;
  /** The value's ReLU, where one was asked for: its sign answers for the value's own. */
  rectified: Value | undefined;
  /** The same numbers in another order of memory, where this value is a mere rearrangement of them. */
  stored: Stored | undefined;
}

/** How images lie in memory; `layout.ts` has them. */
export interface Layout {
  readonly name: string;
  /** [n, h, w, c], or an operand that broadcasts against it → the same in this layout. */
  pack(x: Value): Value;
  /** Back to [n, h, w, c]. */
  unpack(stored: Value): Value;
  /** Where each axis of [n, h, w, c] went. */
  readonly axes: readonly (readonly number[])[];
}

export interface Stored {
  readonly layout: Layout;
  readonly value: Value;
}

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Operation {
  readonly name: string;
  readonly domain: '' | 'com.microsoft.nchwc';
  readonly inputs: readonly Value[];
  readonly attributes: Attributes;
  /** Equal for operations that differ at most in their inputs. */
  readonly key: string;
}

const nothingKnown = { rectified: undefined, stored: undefined };

export function sourceOf(type: ElementType, shape: readonly number[], data: ElementArray): Value {
  return { type, shape, constant: false, data, operation: undefined, ...nothingKnown };
}

export function constantOf(type: ElementType, shape: readonly number[], data: ElementArray): Value {
  return { type, shape, constant: true, data, operation: undefined, ...nothingKnown };
}

const none: Attributes = {};

export function resultOf(
  name: string,
  inputs: readonly Value[],
  type: ElementType,
  shape: readonly number[],
  attributes: Attributes = none,
  domain: Operation['domain'] = '',
): Value {
  const settings = attributes === none ? '' : JSON.stringify(attributes);
  const key = `${domain}/${name}${settings}:${type}[${shape}]`;
  const operation = { name, domain, inputs, attributes, key };
  return { type, shape, constant: false, data: undefined, operation, ...nothingKnown };
}

/** The operation's single input when `value` is the result of an operation called `name`. */
export function inputOf(value: Value, name: string): Value | undefined {
  return value.operation?.name === name ? value.operation.inputs[0] : undefined;
}

export function sizeOf(shape: readonly number[]): number {
  let size = 1;
  for (const length of shape) size *= length;
  return size;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** NumPy's rule, which TensorFlow.js and ONNX share. */
export function broadcastShape(shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const out = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    shape.forEach((length, axis) => {
      const at = axis + rank - shape.length;
      if (out[at] === 1) out[at] = length;
      else if (length !== 1 && length !== out[at]) {
        throw new Error(`shapes do not broadcast: ${shapes.map((each) => `[${each}]`).join(' and ')}`);
      }
    });
  }
  return out;
}
