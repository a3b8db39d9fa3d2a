import { expand, reshape } from './build.ts';
import { behindChannelsLast, channelsLast, operandChannelsFirst } from './layout.ts';
import {
  type Attributes,
  broadcastShape,
  type ElementType,
  inputOf,
  resultOf,
  sizeOf,
  type Value,
} from './value.ts';

/**
 * An operation on each element, with broadcasting. Looks through repetitions (`Expand`) and through changes of layout
 * in its operands: both are applied to its result instead, where mostly nobody needs them.
 */
export function elementwise(
  name: string,
  operands: readonly Value[],
  type: ElementType = operands[0]!.type,
  attributes: Attributes = {},
): Value {
  const shape = broadcastShape(operands.map((operand) => operand.shape));
  const plain = operands.map((operand) => inputOf(operand, 'Expand') ?? operand);
  const unexpanded = compute(name, plain, type, attributes);
  // An operand of rank 0 or of fewer axes may leave out axes that only the repetition had.
  const missing = shape.length - unexpanded.shape.length;
  const aligned = reshape(unexpanded, [...new Array<number>(missing).fill(1), ...unexpanded.shape]);
  return expand(aligned, shape);
}

function compute(name: string, operands: readonly Value[], type: ElementType, attributes: Attributes): Value {
  const shape = broadcastShape(operands.map((operand) => operand.shape));
  const size = sizeOf(shape);
  const moved =
    shape.length === 4 &&
    operands.some((operand) => sizeOf(operand.shape) === size && behindChannelsLast(operand));
  if (!moved) return resultOf(name, operands, type, shape, attributes);
  const inner = operands.map((operand) => behindChannelsLast(operand) ?? operandChannelsFirst(operand));
  return channelsLast(
    resultOf(name, inner, type, broadcastShape(inner.map((operand) => operand.shape)), attributes),
  );
}
