import type { Value } from '../graph/value.ts';

/** What the graph will run on. */
export interface Target {
  /**
   * Channels per block of ONNX Runtime's own convolutions on this machine; 0 for a graph of standard operations only,
   * which runs anywhere.
   */
  readonly channelBlock: number;
}

export const portable: Target = { channelBlock: 0 };

/** What a kernel of TensorFlow.js becomes: operations of ONNX on its inputs. Computes nothing. */
export type Rule = (inputs: never, attributes: never, target: Target) => Value | readonly Value[];
export type Rules = Readonly<Record<string, Rule>>;

export interface Unary {
  readonly x: Value;
}

export interface Binary {
  readonly a: Value;
  readonly b: Value;
}
