/**
 * The same graph with fewer nodes, giving the same bits: what is computed twice is computed once, a shape that has to be
 * written down becomes a Flatten where that says the same, and numbers along the last axis are applied without a detour
 * through another shape.
 */
import { inputOf, planOf, resultOf, sameShape, type Value } from '@pomona/onnx-backend/graph';

const elementwise = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** The targets stay apart, also where they are equal. */
export function tidyGraph(targets: readonly Value[]): Value[] {
  const replaced = new Map<Value, Value>();
  const twins = new Twins();
  const newOf = (value: Value): Value => replaced.get(value) ?? value;
  for (const result of planOf(targets).results) {
    const { name, inputs, attributes, domain } = result.operation!;
    const same = resultOf(name, inputs.map(newOf), result.type, result.shape, attributes, domain);
    replaced.set(result, twins.firstOf(shortened(same)));
  }
  const tidied = targets.map(newOf);
  return new Set(tidied).size === targets.length ? tidied : [...targets];
}

function shortened(value: Value): Value {
  const { shape, operation } = value;
  if (operation?.name !== 'Reshape') return value;
  const [x] = operation.inputs as [Value];
  const direct = withShape(x, shape);
  if (direct) return direct;
  const source = inputOf(x, 'Reshape') ?? x;
  const isFlat = shape.length === 2 && source.shape.length > 1 && source.shape[0] === shape[0];
  return isFlat ? resultOf('Flatten', [source], value.type, shape) : value;
}

/** The numbers of `value` in another shape, where they were made from numbers of that shape. */
function withShape(value: Value, shape: readonly number[]): Value | undefined {
  if (sameShape(value.shape, shape)) return value;
  const { name = '', inputs: [x, numbers] = [] } = value.operation ?? {};
  if (name === 'Reshape') return withShape(x!, shape);
  if (!elementwise.has(name) || !numbers?.data || value.shape.at(-1) !== shape.at(-1)) return undefined;
  const isAlongLastAxis = numbers.shape.length <= 1 && x!.shape.at(-1) === shape.at(-1);
  const inner = isAlongLastAxis ? withShape(x!, shape) : undefined;
  return inner && resultOf(name, [inner, numbers], value.type, shape);
}

/** Finds values that are equal to earlier ones. */
class Twins {
  readonly #first = new Map<string, Value>();
  readonly #numberOf = new Map<Value, number>();

  firstOf(result: Value): Value {
    const known = this.#numberOf.has(result) ? result : undefined;
    if (known) return known;
    const { key, inputs } = result.operation!;
    return this.#find(`${key}(${inputs.map((input) => this.#number(input))})`, result);
  }

  #number(value: Value): number {
    const known = this.#numberOf.get(value);
    if (known !== undefined) return known;
    const { data, type, shape } = value;
    const bytes = data && Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    const first = bytes === undefined ? this.firstOf(value) : this.#find(`${type}[${shape}]${bytes}`, value);
    const number = this.#numberOf.get(first)!;
    this.#numberOf.set(value, number);
    return number;
  }

  #find(key: string, value: Value): Value {
    const first = this.#first.get(key);
    if (first) return first;
    this.#first.set(key, value);
    this.#numberOf.set(value, this.#numberOf.size);
    return value;
  }
}
