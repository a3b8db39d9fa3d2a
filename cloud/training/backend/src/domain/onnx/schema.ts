/**
 * The part of the ONNX format (onnx.proto, IR version 8) that we write: messages, field numbers and types. Field
 * numbers are facts of the format; everything that is not here we never produce.
 */
export type Scalar = 'int64' | 'float' | 'string' | 'bytes';
export type FieldType = Scalar | MessageName;
/** Number, type, and whether the field is repeated. */
export type Field = readonly [number: number, type: FieldType, repeated?: 'repeated'];

export const messages = {
  Model: {
    irVersion: [1, 'int64'],
    producerName: [2, 'string'],
    producerVersion: [3, 'string'],
    graph: [7, 'Graph'],
    opsetImport: [8, 'OperatorSet', 'repeated'],
    metadataProps: [14, 'Property', 'repeated'],
  },
  OperatorSet: { domain: [1, 'string'], version: [2, 'int64'] },
  Property: { key: [1, 'string'], value: [2, 'string'] },
  Graph: {
    node: [1, 'Node', 'repeated'],
    name: [2, 'string'],
    initializer: [5, 'Tensor', 'repeated'],
    input: [11, 'ValueInfo', 'repeated'],
    output: [12, 'ValueInfo', 'repeated'],
  },
  Node: {
    input: [1, 'string', 'repeated'],
    output: [2, 'string', 'repeated'],
    name: [3, 'string'],
    opType: [4, 'string'],
    attribute: [5, 'Attribute', 'repeated'],
    domain: [7, 'string'],
  },
  Attribute: {
    name: [1, 'string'],
    f: [2, 'float'],
    i: [3, 'int64'],
    s: [4, 'string'],
    ints: [8, 'int64', 'repeated'],
    type: [20, 'int64'],
  },
  Tensor: {
    dims: [1, 'int64', 'repeated'],
    dataType: [2, 'int64'],
    name: [8, 'string'],
    rawData: [9, 'bytes'],
  },
  ValueInfo: { name: [1, 'string'], type: [2, 'Type'] },
  Type: { tensorType: [1, 'TensorType'] },
  TensorType: { elemType: [1, 'int64'], shape: [2, 'Shape'] },
  Shape: { dim: [1, 'Dimension', 'repeated'] },
  Dimension: { dimValue: [1, 'int64'], dimParam: [2, 'string'] },
} as const satisfies Record<string, Record<string, readonly [number, string, 'repeated'?]>>;

export type MessageName = keyof typeof messages;

interface ScalarValues {
  int64: number;
  float: number;
  string: string;
  bytes: Uint8Array;
}

type FieldValue<T> = T extends keyof ScalarValues
  ? ScalarValues[T]
  : T extends MessageName
    ? Message<T>
    : never;

/** A message as a plain object. A field that is left out is not written. */
export type Message<M extends MessageName> = {
  readonly [K in keyof (typeof messages)[M]]?: (typeof messages)[M][K] extends readonly [
    number,
    infer T,
    'repeated',
  ]
    ? readonly FieldValue<T>[]
    : (typeof messages)[M][K] extends readonly [number, infer T]
      ? FieldValue<T>
      : never;
};
