/**
 * Finds in an exported network what a class activation map is made of (Zhou et al. 2016, "Learning Deep Features for
 * Discriminative Localization"): the cells of its features before they are pooled, and what follows, which is linear. The
 * file itself needs no more than a few outputs for that: protobuf adds up messages that stand behind each other.
 */

import type { Message } from '@pomona/onnx-backend/onnx';
import { decodeMessage, encodeMessage } from '@pomona/onnx-backend/onnx';

/** How cells become numbers of the pooled vector: one for each of their features. */
export interface PooledPart {
  /** Output of the file: float32 [n, features, rows, columns]. */
  readonly cells: string;
  /** The mean over all cells, each weighed by this; or, where there is a window, the highest mean of a window. */
  readonly weights?: Float32Array | undefined;
  readonly window?: number;
  /** Or the mean of so many cells of the first feature, the highest ones; those that tie with the last count too. */
  readonly highest?: number;
}

export interface ExplainableModel {
  /** The network with more outputs. */
  readonly file: Uint8Array<ArrayBuffer>;
  /** Outputs of it: the pooled vector, and what the probabilities are the softmax of. */
  readonly pooled: string;
  readonly logits: string;
  readonly parts: readonly PooledPart[];
  /** What follows the pooled vector, as a network of its own: `pooled` float32 [n, features] to `logits`. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The pooled vector of a mean picture of the training; zeros where the network does not hold it. */
  readonly typical: Float32Array | undefined;
}

type Node = Message<'Node'>;

const float32 = 1;
const int64 = 7;
/** Operations that may stand between pooling and softmax without making it anything but linear. */
const linear = new Set(['Reshape', 'Mul', 'Add', 'Sub', 'MatMul']);

/** Undefined for a network that is built otherwise. Throws where the bytes are no ONNX file. */
export function explainableModel(bytes: Uint8Array): ExplainableModel | undefined {
  const { graph, opsetImport } = decodeMessage('Model', bytes);
  const net = new Net(graph ?? {});
  const softmax = net.maker('probabilities', 'Softmax');
  const logits = softmax?.input?.[0];
  if (logits === undefined) return undefined;
  const head: Node[] = [];
  let pooled = logits;
  for (let node = net.maker(pooled); node && net.isLinear(node); node = net.maker(pooled)) {
    head.unshift(node);
    pooled = node.input![0]!;
  }
  const parts = partsOf(net, pooled);
  if (parts === undefined) return undefined;
  const used = new Set(head.flatMap(({ input = [] }) => input));
  const cells = new Set(parts.map((part) => part.cells));
  return {
    file: Buffer.concat([
      bytes,
      encodeMessage('Model', { graph: { output: [...cells, pooled, logits].map((name) => describe(name)) } }),
    ]),
    ...{ pooled, logits, parts },
    head: encodeMessage('Model', {
      irVersion: 8,
      graph: {
        name: 'head',
        node: head,
        initializer: (graph?.initializer ?? []).filter(({ name }) => used.has(name ?? '')),
        input: [describe(pooled, ['n', 'features'])],
        output: [describe(logits)],
      },
      opsetImport: opsetImport ?? [],
    }),
    typical: typicalOf(net, head),
  };
}

/** What is known of a graph by the names of its values. */
class Net {
  readonly #makers = new Map<string, Node>();
  readonly #stored = new Map<string, Message<'Tensor'>>();

  constructor({ node = [], initializer = [] }: Message<'Graph'>) {
    for (const each of node) for (const output of each.output ?? []) this.#makers.set(output, each);
    for (const each of initializer) this.#stored.set(each.name ?? '', each);
  }

  /** The operation that gives a value, if it is that one. */
  maker(value: string | undefined, opType?: string): Node | undefined {
    const node = this.#makers.get(value ?? '');
    return opType === undefined || node?.opType === opType ? node : undefined;
  }

  /** The last of operations that stand behind each other, each giving the first input of the one before. */
  behind(value: string | undefined, [opType, ...more]: readonly string[]): Node | undefined {
    const node = this.maker(value, opType);
    return more.length === 0 ? node : this.behind(node?.input?.[0], more);
  }

  /** Of its first input. */
  isLinear({ opType = '', input = [] }: Node): boolean {
    return linear.has(opType) && input.length === 2 && this.#stored.has(input[1]!);
  }

  whole(value: string | undefined): number | undefined {
    const { dataType, rawData } = this.#stored.get(value ?? '') ?? {};
    return dataType === int64 && rawData ? Number(Buffer.from(rawData).readBigInt64LE()) : undefined;
  }

  floats(value: string | undefined): Float32Array | undefined {
    const { dataType, rawData } = this.#stored.get(value ?? '') ?? {};
    // A copy of its own, aligned for floats: the `slice` of a Buffer is a view of memory that it shares.
    return dataType === float32 && rawData ? new Float32Array(new Uint8Array(rawData).buffer) : undefined;
  }
}

function partsOf(net: Net, value: string): PooledPart[] | undefined {
  const node = net.maker(value);
  const input = node?.input ?? [];
  switch (node?.opType) {
    case 'Concat': {
      const parts = input.map((each) => partsOf(net, each));
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'Reshape':
      return partsOf(net, input[0]!);
    case 'GlobalAveragePool': {
      const weighed = net.maker(input[0], 'Mul');
      const weights = net.floats(weighed?.input?.[1]);
      return weights ? [{ cells: weighed!.input![0]!, weights }] : [{ cells: input[0]! }];
    }
    case 'ReduceMax': {
      const pool = net.maker(net.maker(input[0], 'Reshape')?.input?.[0] ?? input[0], 'AveragePool');
      const window = pool?.attribute?.find(({ name }) => name === 'kernel_shape')?.ints?.[0];
      return window === undefined ? undefined : [{ cells: pool!.input![0]!, window }];
    }
    case 'ReduceSum': {
      const [values, shares] = net.maker(input[0], 'Mul')?.input ?? [];
      const least = net.behind(shares, ['Div', 'Cast', 'GreaterOrEqual'])?.input?.[1];
      const highest = net.whole(net.behind(least, ['Reshape', 'ReduceMin', 'TopK'])?.input?.[1]);
      const cells = net.behind(values, ['Reshape', 'Slice', 'Transpose'])?.input?.[0];
      return highest === undefined || cells === undefined ? undefined : [{ cells, highest }];
    }
    default:
      return undefined;
  }
}

/** Normalisation takes from each feature its mean over the training; nothing but another shape may come before. */
function typicalOf(net: Net, head: readonly Node[]): Float32Array | undefined {
  const first = head.find(({ opType }) => opType !== 'Reshape');
  return first?.opType === 'Sub' ? net.floats(first.input?.[1]) : undefined;
}

function describe(name: string, axes?: readonly string[]): Message<'ValueInfo'> {
  const shape = axes && { shape: { dim: axes.map((dimParam) => ({ dimParam })) } };
  return { name, type: { tensorType: { elemType: float32, ...shape } } };
}
