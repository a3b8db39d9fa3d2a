import {
  avgPool,
  concat,
  max,
  mean,
  mul,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { surfaceWeights } from './surface-average-pooling.ts';

/** Cells along a side of the window whose highest average is a feature's peak. */
export const peakCells = 3;

/**
 * Features [n, cells, cells, f] → [n, 2 f]: their average over the surface of the fruit, then their peaks, the highest
 * average of 3×3 neighbouring cells.
 */
export class SurfaceAndPeakPooling extends tfl.layers.Layer {
  static className = 'SurfaceAndPeakPooling';

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return [shape[0]!, 2 * shape[3]!];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const features = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
      const [, rows, columns] = features.shape;
      const weights = tensor(surfaceWeights(rows, columns), [1, rows, columns, 1]);
      const peaks = max(avgPool(features, peakCells, 1, 'valid'), [1, 2]);
      return concat([mean(mul(features, weights), [1, 2]), peaks], 1);
    });
  }
}
