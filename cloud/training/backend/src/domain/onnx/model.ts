import { elementTypeCodes } from '../graph/build.ts';
import type { Plan } from '../graph/plan.ts';
import type { Attribute, ElementArray, Value } from '../graph/value.ts';
import { encodeMessage } from './encode.ts';
import type { Message } from './schema.ts';
import { irVersion, opsetVersion } from './versions.ts';

export interface ModelOptions {
  readonly name: string;
  readonly nameOf: (value: Value) => string;
  /** Lengths of an input's or output's axes; a text names an axis that is free. */
  readonly dimensionsOf?: (value: Value) => readonly (number | string)[];
  /** Fed at every run. The plan's other sources become part of the file. */
  readonly inputs: readonly Value[];
  /** What to store of a constant, where it is not its data. */
  readonly contentOf?: (constant: Value) => ElementArray;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Nodes without names of their own: their outputs have one. */
  readonly namelessNodes?: boolean;
}

/** The plan as the bytes of an ONNX file. */
export function modelBytes(plan: Plan, options: ModelOptions): Uint8Array<ArrayBuffer> {
  const fed = new Set(options.inputs);
  const { stored, standIns } = withoutTwins([
    ...plan.constants,
    ...plan.sources.filter((source) => !fed.has(source)),
  ]);
  const nameOf = (value: Value): string => options.nameOf(standIns.get(value) ?? value);
  const domains = new Set(plan.results.map((result) => result.operation!.domain));
  const describe = (value: Value): Message<'ValueInfo'> => ({
    name: nameOf(value),
    type: {
      tensorType: {
        elemType: elementTypeCodes[value.type],
        shape: { dim: (options.dimensionsOf?.(value) ?? value.shape).map(dimension) },
      },
    },
  });
  return encodeMessage('Model', {
    irVersion,
    producerName: 'pomona',
    graph: {
      name: options.name,
      node: plan.results.map((result) => nodeOf(result, nameOf, options.namelessNodes)),
      initializer: stored.map((value) =>
        tensorOf(value, nameOf(value), options.contentOf?.(value) ?? value.data!),
      ),
      input: options.inputs.map(describe),
      output: plan.targets.map(describe),
    },
    opsetImport: [
      { domain: '', version: opsetVersion },
      ...[...domains].filter((domain) => domain !== '').map((domain) => ({ domain, version: 1 })),
    ],
    metadataProps: Object.entries(options.metadata ?? {}).map(([key, value]) => ({ key, value })),
  });
}

/** Equal numbers are stored once. */
function withoutTwins(values: readonly Value[]): { stored: Value[]; standIns: ReadonlyMap<Value, Value> } {
  const byContent = new Map<string, Value>();
  const standIns = new Map<Value, Value>();
  for (const value of values) {
    const bytes = bytesOf(value.data!);
    const content = `${value.type}[${value.shape}]${Buffer.from(bytes).toString('latin1')}`;
    const twin = byContent.get(content);
    if (twin) standIns.set(value, twin);
    else byContent.set(content, value);
  }
  return { stored: [...byContent.values()], standIns };
}

function nodeOf(
  result: Value,
  nameOf: (value: Value) => string,
  nameless: boolean | undefined,
): Message<'Node'> {
  const { name, domain, inputs, attributes } = result.operation!;
  const output = nameOf(result);
  return {
    input: inputs.map(nameOf),
    // The one operation of ours whose second result cannot be left away: where the highest values stand.
    output: name === 'TopK' ? [output, `${output}_at`] : [output],
    ...(nameless ? {} : { name: nameOf(result) }),
    opType: name,
    attribute: Object.entries(attributes).map(([key, value]) => attributeOf(key, value)),
    ...(domain === '' ? {} : { domain }),
  };
}

/** The numbers of `type` are those of AttributeProto.AttributeType. */
function attributeOf(name: string, attribute: Attribute): Message<'Attribute'> {
  if ('float' in attribute) return { name, f: attribute.float, type: 1 };
  if ('int' in attribute) return { name, i: attribute.int, type: 2 };
  if ('text' in attribute) return { name, s: attribute.text, type: 3 };
  return { name, ints: attribute.ints, type: 7 };
}

function tensorOf(value: Value, name: string, data: ElementArray): Message<'Tensor'> {
  return { dims: value.shape, dataType: elementTypeCodes[value.type], name, rawData: bytesOf(data) };
}

/** The format is little-endian, as is every machine that we run on. */
function bytesOf(data: ElementArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function dimension(length: number | string): Message<'Dimension'> {
  return typeof length === 'number' ? { dimValue: length } : { dimParam: length };
}
