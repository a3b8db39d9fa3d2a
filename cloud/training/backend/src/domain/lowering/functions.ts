/** Functions of one tensor, element by element. */
import type {
  ClipByValueAttrs,
  DataType,
  EluGradInputs,
  FusedBatchNormAttrs,
  LeakyReluAttrs,
  StepAttrs,
} from '@tensorflow/tfjs-core';
import { cast, constantNumber, expand } from '../graph/build.ts';
import { elementwise } from '../graph/elementwise.ts';
import { channelsFirst, convolutionBehind, withConvolution } from '../graph/layout.ts';
import { type ElementType, resultOf, type Value } from '../graph/value.ts';
import { add, not } from './arithmetic.ts';
import type { Rules, Unary } from './rule.ts';

const unary =
  (name: string) =>
  ({ x }: Unary): Value =>
    elementwise(name, [x]);

export const functionRules: Rules = {
  Abs: unary('Abs'),
  Ceil: unary('Ceil'),
  Cos: unary('Cos'),
  Erf: unary('Erf'),
  Exp: unary('Exp'),
  Floor: unary('Floor'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Reciprocal: unary('Reciprocal'),
  Round: unary('Round'),
  Sigmoid: unary('Sigmoid'),
  Sign: unary('Sign'),
  Sin: unary('Sin'),
  Softplus: unary('Softplus'),
  Sqrt: unary('Sqrt'),
  Tanh: unary('Tanh'),
  Elu: unary('Elu'),
  Selu: unary('Selu'),
  LogicalNot: ({ x }: Unary) => not(x),
  IsNan: ({ x }: Unary) => elementwise('IsNaN', [x], 'bool'),
  Expm1: ({ x }: Unary) => elementwise('Sub', [elementwise('Exp', [x]), number(x, 1)]),
  Log1p: ({ x }: Unary) => elementwise('Log', [add(x, number(x, 1))]),
  Rsqrt: ({ x }: Unary) => elementwise('Reciprocal', [elementwise('Sqrt', [x])]),
  Square: ({ x }: Unary) => elementwise('Mul', [x, x]),
  Relu: ({ x }: Unary) => relu(x),
  Relu6: ({ x }: Unary) => elementwise('Clip', [x, number(x, 0), number(x, 6)]),
  LeakyRelu: ({ x }: Unary, { alpha }: LeakyReluAttrs) =>
    elementwise('LeakyRelu', [x], x.type, { alpha: { float: alpha } }),
  ClipByValue: ({ x }: Unary, { clipValueMin, clipValueMax }: ClipByValueAttrs) =>
    elementwise('Min', [elementwise('Max', [x, number(x, clipValueMin)]), number(x, clipValueMax)]),
  EluGrad: ({ dy, y }: Record<keyof EluGradInputs, Value>) => {
    const slope = elementwise('Min', [add(y, number(y, 1)), number(y, 1)]);
    return elementwise('Mul', [dy, slope]);
  },
  Step: ({ x }: Unary, { alpha }: StepAttrs) => step(x, alpha),
  Cast: ({ x }: Unary, { dtype }: { dtype: DataType }) => castLikeTensorFlow(x, dtype),
  ZerosLike: ({ x }: Unary) => expand(number(x, 0), x.shape),
  OnesLike: ({ x }: Unary) => expand(number(x, 1), x.shape),
  FusedBatchNorm: (
    { x, mean, variance, offset, scale }: Record<'x' | 'mean' | 'variance' | 'offset' | 'scale', Value>,
    { varianceEpsilon }: FusedBatchNormAttrs,
  ) => {
    const deviation = elementwise('Sqrt', [add(variance, number(variance, varianceEpsilon))]);
    const gain = scale ? elementwise('Div', [scale, deviation]) : elementwise('Reciprocal', [deviation]);
    const centred = elementwise('Mul', [elementwise('Sub', [x, mean]), gain]);
    return offset ? add(centred, offset) : centred;
  },
};

export function relu(x: Value): Value {
  x.rectified ??= rectifiedConvolution(x) ?? elementwise('Relu', [x]);
  return x.rectified;
}

/** ONNX Runtime fuses a ReLU with a standard convolution by itself, but not with one of its own. */
function rectifiedConvolution(x: Value): Value | undefined {
  const convolution = convolutionBehind(x);
  if (convolution?.operation?.domain !== 'com.microsoft.nchwc') return undefined;
  const { inputs, attributes, domain } = convolution.operation;
  if (attributes.activation) return undefined;
  const all = { ...attributes, activation: { text: 'Relu' } };
  return withConvolution(x, resultOf('Conv', inputs, x.type, convolution.shape, all, domain));
}

/** 1 above 0, else `alpha`. */
function step(x: Value, alpha: number): Value {
  // A convolution whose only reader is its ReLU runs fused with it; so ask the ReLU for the sign where there is one.
  const asked = x.rectified ?? x;
  const positive = elementwise('Greater', [asked, number(asked, 0)], 'bool');
  if (alpha === 0) return castEach(positive, x.type);
  return elementwise('Where', [positive, number(x, 1), number(x, alpha)], x.type);
}

/** Pixels uint8 [n, h, w, c] as float32. They change their layout before their type, while they are small. */
export function imagesFrom(pixels: Value): Value {
  return imagesOfPlanes(channelsFirst.pack(pixels));
}

/** Pixels uint8 [n, c, h, w] as float32 [n, h, w, c]. */
export function imagesOfPlanes(pixels: Value): Value {
  return channelsFirst.unpack(castEach(pixels, 'float32'));
}

function castEach(x: Value, type: ElementType): Value {
  return elementwise('Cast', [x], type, { to: cast(x, type).operation!.attributes.to! });
}

function castLikeTensorFlow(x: Value, dtype: DataType): Value {
  if (dtype === 'complex64' || dtype === 'string') throw new Error(`no cast to ${dtype}`);
  if (dtype === 'bool' && x.type !== 'bool') return not(elementwise('Equal', [x, number(x, 0)], 'bool'));
  return x.type === dtype ? x : castEach(x, dtype);
}

function number(like: Value, value: number): Value {
  return constantNumber(like.type, value);
}
