import type { Message } from '@pomona/onnx-backend/onnx';
import { encodeMessage, irVersion, opsetVersion } from '@pomona/onnx-backend/onnx';

const [float32, uint8, int64Attribute, intsAttribute] = [1, 2, 2, 7];

/**
 * A classifier of some size that any runtime loads and that finds every label as likely as the others: for benches of what is
 * done with a model. `images` uint8 [n, size, size, 3] to `probabilities` [n, labels]. `weights` are what makes it large.
 */
export function evenModel(size: number, labels: number, weights: Float32Array): Uint8Array<ArrayBuffer> {
  const width = Math.floor(weights.length / (3 + labels));
  const tensor = (name: string, dims: readonly number[], data: Float32Array): Message<'Tensor'> => ({
    ...{ name, dims, dataType: float32 },
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  });
  const node = (
    opType: string,
    input: readonly string[],
    output: string,
    attribute: readonly Message<'Attribute'>[] = [],
  ): Message<'Node'> => ({ opType, input, output: [output], name: output, attribute });
  const value = (name: string, elemType: number, axes: readonly number[]): Message<'ValueInfo'> => ({
    name,
    type: {
      tensorType: {
        elemType,
        shape: { dim: [{ dimParam: 'n' }, ...axes.map((dimValue) => ({ dimValue }))] },
      },
    },
  });
  return encodeMessage('Model', {
    irVersion,
    producerName: 'pomona',
    opsetImport: [{ domain: '', version: opsetVersion }],
    graph: {
      name: 'even',
      node: [
        node('Cast', ['images'], 'pixels', [{ name: 'to', i: float32, type: int64Attribute }]),
        node('ReduceMean', ['pixels'], 'means', [
          { name: 'axes', ints: [1, 2], type: intsAttribute },
          { name: 'keepdims', i: 0, type: int64Attribute },
        ]),
        node('MatMul', ['means', 'first'], 'hidden'),
        node('MatMul', ['hidden', 'second'], 'products'),
        node('Mul', ['products', 'nothing'], 'logits'),
        node('Softmax', ['logits'], 'probabilities', [{ name: 'axis', i: -1, type: int64Attribute }]),
      ],
      initializer: [
        tensor('first', [3, width], weights.subarray(0, 3 * width)),
        tensor('second', [width, labels], weights.subarray(3 * width, (3 + labels) * width)),
        tensor('nothing', [1], new Float32Array(1)),
      ],
      input: [value('images', uint8, [size, size, 3])],
      output: [value('probabilities', float32, [labels])],
    },
  });
}
