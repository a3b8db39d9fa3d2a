/**
 * The weighted mean over all cells as one product of the weights with the cells, which lie as [cells, channels] already behind ONNX
 * Runtime's integer convolutions. Of bytes it is a product of integers.
 */
import {
  cast,
  constantNumber,
  constantOf,
  inputOf,
  integers,
  resultOf,
  transpose,
  type Value,
} from '@pomona/onnx-backend/graph';
import { activationScale, widened } from './ranges.ts';

/** [n, channels, 1, 1] in place of `result`, made from what its input became; undefined where it is no such mean. */
export function poolByProduct(result: Value, newOf: (value: Value) => Value): Value | undefined {
  const weighted = inputOf(result, 'GlobalAveragePool');
  if (weighted?.operation?.name !== 'Mul') return undefined;
  const [features, weights] = weighted.operation.inputs as [Value, Value];
  const [n, channels, rows, columns] = features.shape as [number, number, number, number];
  const cells = rows * columns;
  if (!(weights.data instanceof Float32Array) || weights.data.length !== cells) return undefined;
  const scale = activationScale(widened(undefined, weights.data));
  const bytes = constantOf(
    'uint8',
    [1, cells],
    Uint8Array.from(weights.data, (each) => Math.round(each / scale.scale) + scale.zeroPoint),
  );
  const step = constantNumber('float32', scale.scale / cells);
  const byCell = (value: Value) =>
    resultOf('Reshape', [transpose(value, [0, 2, 3, 1]), integers([n, cells, channels])], value.type, [
      ...[n, cells, channels],
    ]);
  const product = (share: Value, values: Value) =>
    resultOf(
      'Reshape',
      [resultOf('MatMul', [share, values], 'float32', [n, 1, channels]), integers(result.shape)],
      'float32',
      result.shape,
    );
  const { name = '', inputs = [] } = newOf(features).operation ?? {};
  if (name === 'DequantizeLinear') {
    const [stored, ...parameters] = inputs as [Value, Value, Value];
    const shares = [bytes, step, constantNumber('uint8', scale.zeroPoint)];
    return product(
      resultOf('DequantizeLinear', shares, 'float32', bytes.shape),
      resultOf('DequantizeLinear', [byCell(stored), ...parameters], 'float32', [n, cells, channels]),
    );
  }
  // Of constants, so that it is computed once, as the file is opened.
  const whole = scale.zeroPoint === 0 ? cast(bytes, 'float32') : undefined;
  return whole && product(resultOf('Mul', [whole, step], 'float32', bytes.shape), byCell(newOf(features)));
}
