/**
 * From a float graph to one of 8 bits, in the form that every runtime of ONNX understands: QDQ. Each convolution reads
 * its input, weights and bias through a DequantizeLinear, and a QuantizeLinear follows it or its ReLU; ONNX Runtime fuses
 * the lot to one integer kernel. Uint8 activations with int8 weights of zero point 0 is the form that fuses on x64 and
 * arm64 alike. What is no convolution stays in floats: of this network's products it is 1 in 10,000.
 *
 * The images are 8 bits already: what a graph multiplies them with becomes their scale, and no pixel is ever a float.
 */
import {
  type Attributes,
  cast,
  constantNumber,
  constantOf,
  inputOf,
  planOf,
  resultOf,
  type Value,
} from '@pomona/onnx-backend/graph';
import { type FoldedColumns, foldColumns } from './fold-columns.ts';
import type { Heard } from './heard.ts';
import { mergeNumbers } from './merge-numbers.ts';
import { poolByProduct } from './pool-by-product.ts';
import { quantizeFilter, roundedWeights } from './quantize-filter.ts';
import { type ActivationScale, activationScale, type Range } from './ranges.ts';
import type { Rounding } from './round-together.ts';
import { tidyGraph } from './tidy-graph.ts';

/** Below that a matrix of floats takes few bytes more, and adds no noise. */
const matrixElementsMin = 1_024;

/** Activations whose range calibration must find: what convolutions read, and what they give. */
export function activationsOf(targets: readonly Value[]): Value[] {
  const { results } = planOf(targets);
  const rectified = reluOf(results);
  const found = results
    .filter(({ operation }) => operation!.name === 'Conv')
    .flatMap((result) => [result.operation!.inputs[0]!, rectified.get(result) ?? result]);
  return [...new Set(found)].filter((value) => !pixelsBehind(value));
}

export interface QuantizationSettings {
  /** Of every one of `activationsOf`. */
  readonly rangeOf: ReadonlyMap<Value, Range>;
  /** Of filters and matrices, what they hear; without it every weight is rounded for itself, and no bias is corrected. */
  readonly heardOf?: ReadonlyMap<Value, Heard>;
  /** Of `convolutionsOf`: those that stay in floats. */
  readonly inFloat?: ReadonlySet<Value>;
}

/** Convolutions, and products with a matrix that is stored as bytes: their second input holds the weights. */
export function weighingsOf(targets: readonly Value[]): Value[] {
  return planOf(targets).results.filter(({ operation }) => {
    const { name, inputs } = operation!;
    return name === 'Conv' || (name === 'MatMul' && isStoredAsBytes(inputs[1]!));
  });
}

/** What convolutions give, each behind its ReLU where it has one, in the order of the graph. */
export function convolutionsOf(targets: readonly Value[]): Value[] {
  const { results } = planOf(targets);
  const rectified = reluOf(results);
  return results
    .filter(({ operation }) => operation!.name === 'Conv')
    .map((result) => rectified.get(result) ?? result);
}

/** The same targets of an integer graph. */
export function quantizeGraph(
  targets: readonly Value[],
  { rangeOf, heardOf, inFloat = new Set() }: QuantizationSettings,
): Value[] {
  const { results } = planOf(targets);
  const rectified = reluOf(results);
  const rewritten = new Map<Value, Value>();
  const scaleOf = (value: Value): ActivationScale => activationScale(rangeOf.get(value)!);
  const newOf = (value: Value): Value => rewritten.get(value) ?? value;

  const readInput = (value: Value): { value: Value; scale: number } => {
    const pixels = pixelsBehind(value);
    if (pixels) {
      return { value: dequantized(newOf(pixels.value), pixels), scale: pixels.scale };
    }
    const { scale } = scaleOf(value);
    if (!rewritten.get(value) || inputOf(newOf(value), 'DequantizeLinear') === undefined)
      rewritten.set(value, throughBytes(newOf(value), scaleOf(value)));
    return { value: newOf(value), scale };
  };

  for (const result of results) {
    const { name, inputs, attributes, domain } = result.operation!;
    if (rewritten.has(result)) continue;
    const pooled = poolByProduct(result, newOf);
    if (pooled) {
      rewritten.set(result, pooled);
      continue;
    }
    if (name !== 'Conv' || inFloat.has(rectified.get(result) ?? result)) {
      rewritten.set(
        result,
        resultOf(
          name,
          inputs.map((input) => storedAsBytes(newOf(input), heardOf?.get(input)?.rounding)),
          result.type,
          result.shape,
          attributes,
          domain,
        ),
      );
      continue;
    }
    const behind = pixelsBehind(inputs[0]!);
    const images = behind && inputOf(behind.value, 'Transpose');
    const folded = images?.data ? foldColumns(result, images) : undefined;
    const input =
      behind && folded
        ? { value: dequantized(folded.pixels, behind), scale: behind.scale }
        : readInput(inputs[0]!);
    const parameters = filterValues(inputs[1]!, inputs[2], input.scale, heardOf?.get(inputs[1]!), folded);
    const settings = folded
      ? { ...attributes, strides: { ints: folded.strides }, pads: { ints: folded.pads } }
      : attributes;
    const convolved = resultOf(
      name,
      [input.value, ...parameters],
      result.type,
      folded?.shape ?? result.shape,
      withoutDefaults(settings),
      domain,
    );
    const relu = rectified.get(result);
    const last = relu ? resultOf('Relu', [convolved], relu.type, convolved.shape) : convolved;
    rewritten.set(relu ?? result, throughBytes(last, scaleOf(relu ?? result), folded?.unfold));
  }
  return tidyGraph(mergeNumbers(tidyGraph(targets.map(newOf))));
}

/** A convolution's ReLU, where nothing else reads the convolution. */
function reluOf(results: readonly Value[]): Map<Value, Value> {
  const readers = new Map<Value, Value[]>();
  for (const result of results) {
    for (const input of result.operation!.inputs) readers.set(input, [...(readers.get(input) ?? []), result]);
  }
  const found = new Map<Value, Value>();
  for (const [value, [first, ...more]] of readers) {
    if (value.operation?.name === 'Conv' && first?.operation?.name === 'Relu' && more.length === 0)
      found.set(value, first);
  }
  return found;
}

/** Bytes times a number are quantized as they stand. */
function pixelsBehind(value: Value): (ActivationScale & { readonly value: Value }) | undefined {
  if (value.operation?.name !== 'Mul') return undefined;
  const [a, b] = value.operation.inputs as [Value, Value];
  const bytes = inputOf(a, 'Cast');
  if (bytes?.type !== 'uint8' || b.data?.length !== 1) return undefined;
  return { value: bytes, scale: Number(b.data[0]), zeroPoint: 0 };
}

/** Large matrices as bytes too, by column: they become floats once, as the file is opened. */
function storedAsBytes(value: Value, rounding?: Rounding): Value {
  if (!isStoredAsBytes(value)) return value;
  const { data, shape } = value as Value & { data: Float32Array };
  const [rows, columns] = shape as [number, number];
  const bytes = new Int8Array(data.length);
  const steps = new Float32Array(columns);
  for (let column = 0; column < columns; column++) {
    const own = Float32Array.from({ length: rows }, (_, row) => data[row * columns + column]!);
    const { weights, scale } = roundedWeights(own, 0, rounding);
    steps[column] = scale;
    weights.forEach((each, row) => {
      bytes[row * columns + column] = each;
    });
  }
  const whole = cast(constantOf('int8', shape, bytes), 'float32');
  return resultOf('Mul', [whole, constantOf('float32', [columns], steps)], 'float32', shape);
}

function isStoredAsBytes({ data, shape }: Value): boolean {
  return data instanceof Float32Array && shape.length === 2 && data.length >= matrixElementsMin;
}

/** `arranged`: what is done to the bytes, so that nothing stands between a convolution and its scales. */
function throughBytes(
  value: Value,
  scale: ActivationScale,
  arranged: (bytes: Value) => Value = (bytes) => bytes,
): Value {
  const parameters = scaleValues(scale);
  const bytes = resultOf('QuantizeLinear', [value, ...parameters], 'uint8', value.shape);
  return dequantized(arranged(bytes), scale, parameters);
}

function dequantized(bytes: Value, scale: ActivationScale, parameters = scaleValues(scale)): Value {
  return resultOf('DequantizeLinear', [bytes, ...parameters], 'float32', bytes.shape);
}

function scaleValues({ scale, zeroPoint }: ActivationScale): [Value, Value] {
  return [constantNumber('float32', scale), constantNumber('uint8', zeroPoint)];
}

/** What a convolution does anyway; the kernel's shape is that of its weights. */
function withoutDefaults(attributes: Attributes): Attributes {
  const usual: Readonly<Record<string, number>> = { dilations: 1, strides: 1, pads: 0 };
  const isUsual = ([name, value]: [string, Attributes[string]]) =>
    name === 'kernel_shape' || ('ints' in value && value.ints.every((each) => each === usual[name]));
  return Object.fromEntries(Object.entries(attributes).filter((entry) => !isUsual(entry)));
}

/** Weights and bias of a convolution, each behind its DequantizeLinear along the output channels. */
function filterValues(
  filter: Value,
  bias: Value | undefined,
  inputScale: number,
  heard?: Heard,
  folded?: FoldedColumns,
): [Value, Value] {
  const channels = filter.shape[0]!;
  const floats = filter.data as Float32Array;
  const biases = (bias?.data as Float32Array | undefined) ?? new Float32Array(channels);
  const { weights, scales, bias: steps } = quantizeFilter(floats, biases, inputScale, heard);
  const perChannel = (stored: Value, scale: Value) =>
    resultOf('DequantizeLinear', [stored, scale], 'float32', stored.shape, { axis: { int: 0 } });
  const own = constantOf('float32', [channels], scales);
  const scale = folded?.perChannelOf(own) ?? own;
  const biasScale = resultOf('Mul', [scale, constantNumber('float32', inputScale)], 'float32', scale.shape);
  const storedFilter = constantOf('int8', filter.shape, weights);
  const storedBias = constantOf('int32', [channels], steps);
  return [
    perChannel(folded?.filterOf(storedFilter) ?? storedFilter, scale),
    perChannel(folded?.perChannelOf(storedBias) ?? storedBias, biasScale),
  ];
}
