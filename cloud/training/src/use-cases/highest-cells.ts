import { kthHighestKernel } from '@pomona/onnx-backend';
import {
  cast,
  customGrad,
  div,
  engine,
  expandDims,
  greaterEqual,
  mul,
  reshape,
  slice,
  sum,
  type Tensor,
  type Tensor4D,
  tidy,
} from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

export interface HighestCellCounts {
  readonly cells: number;
  readonly cellsLearning: number;
}

/**
 * Of a map of logits [n, cells, cells, f] the mean of its first channel over its highest cells, [n, 1]: how sure it is
 * that so much of the fruit is defect. In 8 bits cells may be equal: those that tie with the last count too.
 */
export class HighestCells extends tfl.layers.Layer {
  static className = 'HighestCells';
  readonly #counts: HighestCellCounts;
  #isLearning = false;

  constructor(counts: HighestCellCounts) {
    super({});
    this.#counts = counts;
  }

  /** Whether it counts as for learning, until somebody says otherwise. */
  set isLearning(isLearning: boolean) {
    this.#isLearning = isLearning;
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return [shape[0]!, 1];
  }

  override call(inputs: Tensor | Tensor[]): Tensor {
    return tidy(() => {
      const map = (Array.isArray(inputs) ? inputs[0]! : inputs) as Tensor4D;
      const [images, rows, columns] = map.shape;
      const cells = reshape(slice(map, [0, 0, 0, 0], [images, rows, columns, 1]), [images, rows * columns]);
      const { cells: used, cellsLearning } = this.#counts;
      return meanOfHighest(cells, this.#isLearning ? cellsLearning : used);
    });
  }
}

/** [n, cells] → [n, 1] */
function meanOfHighest(cells: Tensor, count: number): Tensor {
  const mean = customGrad((x, save) => {
    const values = x as Tensor;
    const least = engine().runKernel(kthHighestKernel, { x: values }, { k: count }) as Tensor;
    const chosen = cast(greaterEqual(values, least), 'float32');
    const shares = div(chosen, sum(chosen, 1, true));
    (save as (tensors: Tensor[]) => void)([shares]);
    return {
      value: sum(mul(values, shares), 1),
      gradFunc: (dy, saved) => mul(expandDims(dy as Tensor, 1), (saved as Tensor[])[0]!),
    };
  });
  return reshape(mean(cells), [cells.shape[0]!, 1]);
}
