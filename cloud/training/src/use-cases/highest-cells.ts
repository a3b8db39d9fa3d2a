import {
  cast,
  customGrad,
  div,
  expandDims,
  greater,
  less,
  mul,
  reshape,
  slice,
  sum,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

/**
 * Of a map of logits [n, cells, cells, f] the mean of its first channel over its `count` highest cells, [n, 1]: how sure it is
 * that so much of the fruit is defect. Which cells those are comes from comparing each with each, since ONNX's `TopK` has no
 * gradient here, and in 8 bits cells may be equal: all of a tie count.
 */
export class HighestCells extends tfl.layers.Layer {
  static className = 'HighestCells';
  readonly #count: number;

  constructor(count: number) {
    super({});
    this.#count = count;
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return [shape[0]!, 1];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const map = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
      const [images, rows, columns] = map.shape;
      const cells = reshape(slice(map, [0, 0, 0, 0], [images, rows, columns, 1]), [images, rows * columns]);
      return meanOfHighest(cells, this.#count);
    });
  }
}

/** [n, cells] → [n, 1] */
function meanOfHighest(cells: Tensor, count: number): Tensor {
  const [images, width] = cells.shape as [number, number];
  const mean = customGrad((x, save) => {
    const values = x as Tensor;
    const others = reshape(values, [images, 1, width]);
    const higher = sum(cast(greater(others, reshape(values, [images, width, 1])), 'float32'), 2);
    const chosen = cast(less(higher, count), 'float32');
    const shares = div(chosen, sum(chosen, 1, true));
    (save as (tensors: Tensor[]) => void)([shares]);
    return {
      value: sum(mul(values, shares), 1),
      gradFunc: (dy, saved) => mul(expandDims(dy as Tensor, 1), (saved as Tensor[])[0]!),
    };
  });
  return reshape(mean(cells), [images, 1]);
}
