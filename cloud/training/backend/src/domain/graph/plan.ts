import type { Value } from './value.ts';

/** What must run, in order, to know some values; and a key that is equal for graphs of the same structure. */
export interface Plan {
  readonly key: string;
  /** Results to compute, each after its inputs. */
  readonly results: readonly Value[];
  /** Fed at every run. */
  readonly sources: readonly Value[];
  /** Part of the structure. */
  readonly constants: readonly Value[];
  readonly targets: readonly Value[];
  readonly indexOf: ReadonlyMap<Value, number>;
}

export function planOf(targets: readonly Value[]): Plan {
  const indexOf = new Map<Value, number>();
  const results: Value[] = [];
  const sources: Value[] = [];
  const constants: Value[] = [];
  const keys: string[] = [];
  // Depth first without recursion: the second visit of a value comes after those of its inputs.
  const stack: Value[] = [...targets].reverse();
  while (stack.length > 0) {
    const value = stack.at(-1)!;
    if (indexOf.has(value)) {
      stack.pop();
      continue;
    }
    const waiting = value.data ? [] : inputsOf(value).filter((input) => !indexOf.has(input));
    if (waiting.length > 0) {
      stack.push(...waiting.reverse());
      continue;
    }
    stack.pop();
    indexOf.set(value, indexOf.size);
    if (value.constant) {
      constants.push(value);
      keys.push(constantKey(value));
    } else if (value.data) {
      sources.push(value);
      keys.push(`s${value.type}[${value.shape}]`);
    } else {
      results.push(value);
      keys.push(`${value.operation!.key}(${inputsOf(value).map((input) => indexOf.get(input))})`);
    }
  }
  keys.push(`>${targets.map((target) => indexOf.get(target))}`);
  return { key: keys.join('\n'), results, sources, constants, targets, indexOf };
}

function inputsOf(value: Value): readonly Value[] {
  if (!value.operation) throw new Error('a value has neither data nor an operation');
  return value.operation.inputs;
}

const constantKeys = new WeakMap<Value, string>();

/** A constant's content, made into text once. */
function constantKey(value: Value): string {
  let key = constantKeys.get(value);
  if (key === undefined) {
    key = `c${value.type}[${value.shape}]${value.data}`;
    constantKeys.set(value, key);
  }
  return key;
}
