/**
 * TensorFlow.js keeps images as [n, height, width, channels]; ONNX convolutions want [n, channels, height, width].
 * A convolution's result is therefore a transposition of its true output. Element-wise operations and reductions work
 * on what stands behind the transposition and put it back afterwards, so that two convolutions in a row meet without
 * one; a transposition that nobody reads is never computed.
 */
import { permutationOf, reshape, transpose } from './build.ts';
import { inputOf, type Value } from './value.ts';

const toChannelsLast = [0, 2, 3, 1] as const;
const toChannelsFirst = [0, 3, 1, 2] as const;

/** [n, c, h, w] → [n, h, w, c] */
export function channelsLast(x: Value): Value {
  return transpose(x, toChannelsLast);
}

/** [n, h, w, c] → [n, c, h, w] */
export function channelsFirst(x: Value): Value {
  return transpose(x, toChannelsFirst);
}

/** The value in [n, c, h, w] when `x` [n, h, w, c] is a mere transposition of it. */
export function behindChannelsLast(x: Value): Value | undefined {
  const inner = inputOf(x, 'Transpose');
  if (!inner || x.shape.length !== 4) return undefined;
  return permutationOf(x).every((axis, at) => axis === toChannelsLast[at]) ? inner : undefined;
}

/** An operand that broadcasts against [n, h, w, c], made to broadcast against [n, c, h, w]. */
export function operandChannelsFirst(x: Value): Value {
  if (x.shape.length === 0) return x;
  const missing = 4 - x.shape.length;
  return channelsFirst(reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]));
}
