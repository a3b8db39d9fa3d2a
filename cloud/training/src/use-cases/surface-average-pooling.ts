import { cropFill } from '@pomona/grading';
import { mean, mul, serialization, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/** A cell seen more aslant than this share of its surface is not trusted any further. */
const facingMin = 0.28;

/**
 * Features [n, cells, cells, f] → their average [n, f] over the surface of a fruit that fills a standard crop. A piece of
 * a ball's surface at distance r from the middle of its picture (in radii) is sqrt(1 - r²) times as large there as it
 * is, so that cells near the rim count for more: a blemish has the same weight wherever it is seen.
 */
export class SurfaceAveragePooling extends tfl.layers.Layer {
  static className = 'SurfaceAveragePooling';

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return [shape[0]!, shape[3]!];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const features = Array.isArray(inputs) ? inputs[0]! : inputs;
      const [, rows, columns] = features.shape as [number, number, number, number];
      return mean(mul(features, tensor(surfaceWeights(rows, columns), [1, rows, columns, 1])), [1, 2]);
    });
  }
}
serialization.registerClass(SurfaceAveragePooling);

/** Per cell, the surface that its picture stands for; the mean is that of the picture's cells on the fruit. */
export function surfaceWeights(rows: number, columns: number): Float32Array {
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const y = (2 * (Math.floor(i / columns) + 0.5)) / rows - 1;
    const x = (2 * ((i % columns) + 0.5)) / columns - 1;
    const facing2 = 1 - (x * x + y * y) / cropFill ** 2;
    return 1 / Math.sqrt(Math.max(facing2, facingMin ** 2));
  });
}
