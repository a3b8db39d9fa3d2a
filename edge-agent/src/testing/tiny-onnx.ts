/**
 * The bytes of a small ONNX model: mean of each colour over the crop, times a matrix, softmax. So a red crop is of the
 * first label, a green one of the second, a blue one of the third. Protobuf by hand; field numbers of onnx.proto3.
 */
export interface TinyModel {
  readonly inputSize: number;
  readonly labels: number;
  /** Added to the logit of each label. */
  readonly bias?: readonly number[];
  readonly inputType?: 'uint8' | 'float32';
  /** A fixed number of crops per run. */
  readonly batch?: number;
}

const dataTypes = { float32: 1, uint8: 2, int64: 7 } as const;

export function tinyOnnx({ inputSize, labels, bias, inputType = 'uint8', batch }: TinyModel): Uint8Array {
  const matrix = Array.from({ length: 3 * labels }, (_, i) =>
    Math.floor(i / labels) === i % labels ? 0.05 : 0,
  );
  const biases = Array.from({ length: labels }, (_, k) => bias?.[k] ?? 0);
  const n = batch ?? 'n';
  const graph = [
    message(1, node('Cast', ['images'], ['pixels'], [intAttribute('to', dataTypes.float32)])),
    message(
      1,
      node('ReduceMean', ['pixels'], ['means'], [intsAttribute('axes', [1, 2]), intAttribute('keepdims', 0)]),
    ),
    message(1, node('MatMul', ['means', 'matrix'], ['products'], [])),
    message(1, node('Add', ['products', 'bias'], ['logits'], [])),
    message(1, node('Softmax', ['logits'], ['probabilities'], [intAttribute('axis', -1)])),
    text(2, 'tiny'),
    message(5, tensor('matrix', [3, labels], matrix)),
    message(5, tensor('bias', [labels], biases)),
    message(11, valueInfo('images', dataTypes[inputType], [n, inputSize, inputSize, 3])),
    message(12, valueInfo('probabilities', dataTypes.float32, [n, labels])),
  ];
  const opset = [text(1, ''), int(2, 13)];
  return Uint8Array.from(
    [int(1, 7), text(2, 'tiny'), message(7, graph.flat()), message(8, opset.flat())].flat(),
  );
}

function node(op: string, inputs: string[], outputs: string[], attributes: number[][]): number[] {
  return [
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, outputs[0]!),
    text(4, op),
    ...attributes.map((attribute) => message(5, attribute)),
  ].flat();
}

function intAttribute(name: string, value: number): number[] {
  return [text(1, name), int(3, value), int(20, 2)].flat();
}

function intsAttribute(name: string, values: number[]): number[] {
  return [text(1, name), ...values.map((value) => int(8, value)), int(20, 7)].flat();
}

function tensor(name: string, shape: number[], values: number[]): number[] {
  const raw = [...new Uint8Array(Float32Array.from(values).buffer)];
  return [
    ...shape.map((size) => int(1, size)),
    int(2, dataTypes.float32),
    text(8, name),
    message(9, raw),
  ].flat();
}

function valueInfo(name: string, type: number, shape: (number | string)[]): number[] {
  const dimensions = shape.map((size) => message(1, typeof size === 'number' ? int(1, size) : text(2, size)));
  const tensorType = [int(1, type), message(2, dimensions.flat())].flat();
  return [text(1, name), message(2, message(1, tensorType))].flat();
}

function int(field: number, value: number): number[] {
  return [...varint(BigInt(field << 3)), ...varint(BigInt.asUintN(64, BigInt(value)))];
}

function text(field: number, value: string): number[] {
  return message(field, [...new TextEncoder().encode(value)]);
}

function message(field: number, bytes: number[]): number[] {
  return [...varint(BigInt((field << 3) | 2)), ...varint(BigInt(bytes.length)), ...bytes];
}

function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}
