import type { backend_util } from '@tensorflow/tfjs-core';
import { constantNumber } from '../graph/build.ts';
import { elementwise } from '../graph/elementwise.ts';
import type { Value } from '../graph/value.ts';
import { relu } from './functions.ts';

/** The activation that a fused kernel ends with. */
export function activate(
  x: Value,
  activation: backend_util.Activation | undefined,
  preluWeights?: Value,
  leakyReluAlpha = 0.2,
): Value {
  switch (activation ?? 'linear') {
    case 'linear':
      return x;
    case 'relu':
      return relu(x);
    case 'relu6':
      return elementwise('Clip', [x, constantNumber(x.type, 0), constantNumber(x.type, 6)]);
    case 'elu':
      return elementwise('Elu', [x]);
    case 'sigmoid':
      return elementwise('Sigmoid', [x]);
    case 'leakyrelu':
      return elementwise('LeakyRelu', [x], x.type, { alpha: { float: leakyReluAlpha } });
    case 'prelu':
      if (preluWeights) return elementwise('PRelu', [x, preluWeights]);
      throw new Error('a fused PReLU came without weights');
    default:
      throw new Error(`no rule for the fused activation ${activation}`);
  }
}
