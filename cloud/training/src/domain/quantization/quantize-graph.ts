/**
 * From a float graph to one of 8 bits, in the form that every runtime of ONNX understands: QDQ. Each convolution reads
 * its input, weights and bias through a DequantizeLinear, and a QuantizeLinear follows it or its ReLU; ONNX Runtime fuses
 * the lot to one integer kernel. Uint8 activations with int8 weights of zero point 0 is the form that fuses on x64 and
 * arm64 alike. What is no convolution stays in floats: of this network's products it is 1 in 10,000.
 *
 * The images are 8 bits already: what a graph multiplies them with becomes their scale, and no pixel is ever a float.
 */
import { constantNumber, integers, transpose } from '../graph/build.ts';
import { planOf } from '../graph/plan.ts';
import { type Attributes, constantOf, inputOf, resultOf, type Value } from '../graph/value.ts';
import { quantizeFilter } from './quantize-filter.ts';
import { type ActivationScale, activationScale, type Range, widened } from './ranges.ts';
import { tidyGraph } from './tidy-graph.ts';

const tableElementsMin = 128;

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
  /** Means by channel of the same; without them no bias is corrected. */
  readonly meansOf?: ReadonlyMap<Value, Float64Array>;
  /** Of `convolutionsOf`: those that stay in floats. */
  readonly inFloat?: ReadonlySet<Value>;
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
  { rangeOf, meansOf, inFloat = new Set() }: QuantizationSettings,
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
    if (name !== 'Conv' || inFloat.has(rectified.get(result) ?? result)) {
      rewritten.set(
        result,
        resultOf(
          name,
          inputs.map((input) => storedAsBytes(newOf(input))),
          result.type,
          result.shape,
          attributes,
          domain,
        ),
      );
      continue;
    }
    const folded = foldBlocks(result);
    const input = folded
      ? { value: dequantized(folded.pixels, { scale: folded.scale, zeroPoint: 0 }), scale: folded.scale }
      : readInput(inputs[0]!);
    const parameters = filterValues(
      folded?.filter ?? inputs[1]!,
      inputs[2],
      input.scale,
      meansOf?.get(inputs[0]!),
    );
    const settings = folded?.attributes ?? attributes;
    const convolved = resultOf(
      name,
      [input.value, ...parameters],
      result.type,
      result.shape,
      withoutDefaults(settings),
      domain,
    );
    const relu = rectified.get(result);
    const last = relu ? resultOf('Relu', [convolved], relu.type, relu.shape) : convolved;
    rewritten.set(relu ?? result, throughBytes(last, scaleOf(relu ?? result)));
  }
  return tidyGraph(targets.map(newOf));
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

interface Folded {
  readonly pixels: Value;
  readonly scale: number;
  readonly filter: Value;
  readonly attributes: Attributes;
}

/**
 * A convolution of stride 2 straight on the images, as one of stride 1 on blocks of 2×2 pixels with 12 channels. ONNX
 * Runtime's fast integer kernels want channels in multiples of 4; on 3 channels it falls back to one that takes twice as
 * long as the whole rest of the network.
 */
function foldBlocks(convolution: Value): Folded | undefined {
  const { inputs, attributes } = convolution.operation!;
  const behind = pixelsBehind(inputs[0]!);
  const images = behind && inputOf(behind.value, 'Transpose');
  if (!behind || !images?.data || images.shape[1]! % 2 !== 0 || images.shape[2]! % 2 !== 0) return undefined;
  const { strides, pads, dilations, group } = attributes as Record<
    string,
    { readonly ints: readonly number[] }
  >;
  if (`${strides?.ints}/${dilations?.ints}` !== '2,2/1,1' || group) return undefined;
  const [n, rows, columns, channels] = images.shape as [number, number, number, number];
  const [filters, , height, width] = inputs[1]!.shape as [number, number, number, number];
  const [top, left] = pads!.ints as [number, number];
  const down = blocksOf(height, top);
  const across = blocksOf(width, left);
  const old = inputs[1]!.data as Float32Array;
  const weights = new Float32Array(filters * 4 * channels * down.count * across.count);
  for (let at = 0; at < old.length; at++) {
    const filter = Math.floor(at / (width * height * channels));
    const channel = Math.floor(at / (width * height)) % channels;
    const row = down.at(Math.floor(at / width) % height);
    const column = across.at(at % width);
    const newChannel = (filter * 2 + row.side) * 2 * channels + column.side * channels + channel;
    weights[(newChannel * down.count + row.block) * across.count + column.block] = old[at]!;
  }
  // Two neighbours in a row lie side by side already; only the two rows of a block must come together.
  const pairs = reshaped(images, [n, rows / 2, 2, columns / 2, 2 * channels]);
  const both = [0, 1].map((side) =>
    resultOf('Slice', [pairs, ...[[side], [side + 1], [2]].map(integers)], pairs.type, [
      ...[n, rows / 2, 1, columns / 2, 2 * channels],
    ]),
  );
  const joined = resultOf('Concat', both, pairs.type, [n, rows / 2, 1, columns / 2, 4 * channels], {
    axis: { int: 4 },
  });
  const blocks = reshaped(joined, [n, rows / 2, columns / 2, 4 * channels]);
  return {
    pixels: transpose(blocks, [0, 3, 1, 2]),
    scale: behind.scale,
    filter: constantOf('float32', [filters, 4 * channels, down.count, across.count], weights),
    attributes: {
      ...attributes,
      kernel_shape: { ints: [down.count, across.count] },
      strides: { ints: [1, 1] },
      pads: { ints: [down.before, across.before, down.after, across.after] },
    },
  };
}

/** Along one axis: the blocks of two pixels that a kernel of stride 2 with so much padding before it touches. */
function blocksOf(kernel: number, padding: number) {
  const first = Math.floor(-padding / 2);
  const last = Math.floor((kernel - 1 - padding) / 2);
  return {
    count: last - first + 1,
    before: -first,
    after: last,
    at: (position: number) => {
      const block = Math.floor((position - padding) / 2);
      return { block: block - first, side: position - padding - 2 * block };
    },
  };
}

function reshaped(x: Value, shape: readonly number[]): Value {
  return resultOf('Reshape', [x, integers(shape)], x.type, shape);
}

/** Bytes times a number are quantized as they stand. */
function pixelsBehind(value: Value): (ActivationScale & { readonly value: Value }) | undefined {
  if (value.operation?.name !== 'Mul') return undefined;
  const [a, b] = value.operation.inputs as [Value, Value];
  const bytes = inputOf(a, 'Cast');
  if (bytes?.type !== 'uint8' || b.data?.length !== 1) return undefined;
  return { value: bytes, scale: Number(b.data[0]), zeroPoint: 0 };
}

/** Large tables (as the weights of a pooling's cells) as bytes too: as floats they would be a twentieth of the file. */
function storedAsBytes(value: Value): Value {
  if (!(value.data instanceof Float32Array) || value.data.length < tableElementsMin) return value;
  const numbers = value.data;
  const scale = activationScale(widened(undefined, numbers));
  const bytes = Uint8Array.from(numbers, (each) => Math.round(each / scale.scale) + scale.zeroPoint);
  return dequantized(constantOf('uint8', value.shape, bytes), scale);
}

function throughBytes(value: Value, scale: ActivationScale): Value {
  const parameters = scaleValues(scale);
  return dequantized(
    resultOf('QuantizeLinear', [value, ...parameters], 'uint8', value.shape),
    scale,
    parameters,
  );
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
  inputMeans?: Float64Array,
): [Value, Value] {
  const channels = filter.shape[0]!;
  const floats = filter.data as Float32Array;
  const biases = (bias?.data as Float32Array | undefined) ?? new Float32Array(channels);
  const { weights, scales, bias: steps } = quantizeFilter(floats, biases, inputScale, inputMeans);
  const perChannel = (
    type: 'int8' | 'int32',
    shape: readonly number[],
    data: Int8Array | Int32Array,
    scale: Float32Array,
  ) =>
    resultOf(
      'DequantizeLinear',
      [constantOf(type, shape, data), constantOf('float32', [channels], scale)],
      'float32',
      shape,
      { axis: { int: 0 } },
    );
  return [
    perChannel('int8', filter.shape, weights, scales),
    perChannel(
      'int32',
      [channels],
      steps,
      scales.map((scale) => scale * inputScale),
    ),
  ];
}
