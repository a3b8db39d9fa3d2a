import { cast, constantNumber, reshape } from '../graph/build.ts';
import { elementwise } from '../graph/elementwise.ts';
import { convolutionBehind, withConvolution } from '../graph/layout.ts';
import { resultOf, sizeOf, type Value } from '../graph/value.ts';
import type { Binary, Rules } from './rule.ts';

const binary =
  (name: string) =>
  ({ a, b }: Binary): Value =>
    elementwise(name, [a, b]);

const comparison =
  (name: string) =>
  ({ a, b }: Binary): Value =>
    elementwise(name, [a, b], 'bool');

export const arithmeticRules: Rules = {
  Add: ({ a, b }: Binary) => convolutionWithBias(a, b) ?? convolutionWithBias(b, a) ?? add(a, b),
  AddN: (inputs: readonly Value[]) => inputs.reduce(add),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('Div'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Pow: binary('Pow'),
  Prelu: ({ x, alpha }: { x: Value; alpha: Value }) => elementwise('PRelu', [x, alpha]),
  SquaredDifference: ({ a, b }: Binary) => {
    const difference = elementwise('Sub', [a, b]);
    return elementwise('Mul', [difference, difference]);
  },
  FloorDiv: ({ a, b }: Binary) => cast(floorDivide(a, b), 'int32'),
  Mod: ({ a, b }: Binary) => elementwise('Sub', [a, elementwise('Mul', [b, floorDivide(a, b)])]),
  Equal: comparison('Equal'),
  NotEqual: ({ a, b }: Binary) => not(elementwise('Equal', [a, b], 'bool')),
  Less: comparison('Less'),
  LessEqual: comparison('LessOrEqual'),
  Greater: comparison('Greater'),
  GreaterEqual: comparison('GreaterOrEqual'),
  LogicalAnd: comparison('And'),
  LogicalOr: comparison('Or'),
  LogicalXor: comparison('Xor'),
  Select: ({ condition, t, e }: { condition: Value; t: Value; e: Value }) => {
    // TensorFlow.js lets a vector choose whole rows.
    const missing = condition.shape.length === 1 ? t.shape.length - 1 : 0;
    const aligned = reshape(condition, [...condition.shape, ...new Array<number>(missing).fill(1)]);
    return elementwise('Where', [aligned, t, e], t.type);
  },
};

export function add(a: Value, b: Value): Value {
  return elementwise('Add', [a, b]);
}

export function not(x: Value): Value {
  return elementwise('Not', [x], 'bool');
}

/** A bias per channel joins the convolution before it. */
export function convolutionWithBias(x: Value, bias: Value): Value | undefined {
  const convolution = convolutionBehind(x);
  const channels = x.shape.at(-1);
  if (!convolution || bias.shape.at(-1) !== channels || sizeOf(bias.shape) !== channels) return undefined;
  const { inputs, attributes, domain } = convolution.operation!;
  if (inputs.length !== 2 || attributes.activation) return undefined;
  const all = [...inputs, reshape(bias, [channels])];
  return withConvolution(x, resultOf('Conv', all, x.type, convolution.shape, attributes, domain));
}

function floorDivide(a: Value, b: Value): Value {
  const quotient = elementwise('Div', [a, b]);
  if (a.type === 'float32') return elementwise('Floor', [quotient]);
  // Division of integers in ONNX rounds towards zero.
  const zero = constantNumber(a.type, 0);
  const rest = elementwise('Sub', [a, elementwise('Mul', [quotient, b])]);
  const inexact = not(elementwise('Equal', [rest, zero], 'bool'));
  const opposite = elementwise(
    'Xor',
    [elementwise('Less', [rest, zero], 'bool'), elementwise('Less', [b, zero], 'bool')],
    'bool',
  );
  return elementwise('Sub', [quotient, cast(elementwise('And', [inexact, opposite]), a.type)]);
}
