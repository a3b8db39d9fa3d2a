import type { Value } from '../graph/value.ts';

/** What a kernel of TensorFlow.js becomes: operations of ONNX on its inputs. Computes nothing. */
export type Rule = (inputs: never, attributes: never) => Value | readonly Value[];
export type Rules = Readonly<Record<string, Rule>>;

export interface Unary {
  readonly x: Value;
}

export interface Binary {
  readonly a: Value;
  readonly b: Value;
}
