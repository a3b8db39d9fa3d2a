import { expand, reshape } from './build.ts';
import { operandInLayout } from './layout.ts';
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
 * An operation on each element, with broadcasting. Looks through repetitions (`Expand`) and through layouts in its
 * operands: both are applied to its result instead, where mostly nobody needs them.
 */
export function elementwise(
  name: string,
  operands: readonly Value[],
  type: ElementType = operands[0]!.type,
  attributes?: Attributes,
): Value {
  const shape = broadcastShape(operands.map((operand) => operand.shape));
  const plain = operands.map((operand) => inputOf(operand, 'Expand') ?? operand);
  const unexpanded = compute(name, plain, type, attributes);
  // An operand of rank 0 or of fewer axes may leave out axes that only the repetition had.
  const missing = shape.length - unexpanded.shape.length;
  if (missing === 0) return expand(unexpanded, shape);
  return expand(reshape(unexpanded, [...new Array<number>(missing).fill(1), ...unexpanded.shape]), shape);
}

function compute(
  name: string,
  operands: readonly Value[],
  type: ElementType,
  attributes?: Attributes,
): Value {
  const shape = broadcastShape(operands.map((operand) => operand.shape));
  const size = sizeOf(shape);
  const layout = operands.find(({ stored, shape: own }) => stored && sizeOf(own) === size)?.stored?.layout;
  if (!layout) return resultOf(name, operands, type, shape, attributes);
  const inside = operands.map((operand) => operandInLayout(operand, layout));
  const insideShape = broadcastShape(inside.map((operand) => operand.shape));
  return layout.unpack(resultOf(name, inside, type, insideShape, attributes));
}
