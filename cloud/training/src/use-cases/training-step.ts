import { defectCellsOf, type TrainingRecipe } from '@pomona/catalog';
import {
  add,
  argMax,
  avgPool,
  equal,
  keep,
  logSoftmax,
  mean,
  mul,
  neg,
  reshape,
  type Scalar,
  softplus,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import type { Batch, BatchShape } from '../domain/batches.ts';
import type { Dataset } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import type { BuiltModel } from './build-model.ts';
import type { Engine } from './engine.ts';
import { FlatAdam } from './flat-adam.ts';

export interface StepResult {
  readonly loss: number;
  /** Cases that the network got right before the step. */
  readonly right: number;
}

export interface TrainingStep {
  readonly optimizer: Pick<FlatAdam, 'moments' | 'resume'>;
  run(batch: Batch, learningRate: number): StepResult;
  dispose(): void;
}

export interface StepSettings {
  readonly shape: BatchShape;
  /** By label. */
  readonly classWeights: readonly number[];
  readonly recipe: Pick<TrainingRecipe, 'adam' | 'labelSmoothing' | 'viewWeight' | 'defectWeight'>;
}

/**
 * One step of Adam on a batch. The loss is the cross-entropy of the mean of a case's logits over its views: for a
 * network that ends in global average pooling, that is the logit of everything that was seen of the fruit.
 */
export function trainingStep(
  engine: Engine,
  model: BuiltModel,
  dataset: Dataset,
  settings: StepSettings,
): TrainingStep {
  const { shape, classWeights, recipe } = settings;
  const { labels, inputSize } = dataset;
  const optimizer = new FlatAdam(model.trainable, recipe.adam);
  const imageCount = shape.cases * shape.views;
  const targetsOf = (grades: readonly number[]): Tensor =>
    targetTensor(grades, labels.length, classWeights, recipe.labelSmoothing);
  /** -1 where the view's own grade is not known: it then counts nothing by itself. */
  const viewLabel = (image: number): number => labels.indexOf(dataset.images[image]!.viewGrade ?? '');
  const viewsKnown = shape.views > 1 && dataset.images.some(({ viewGrade }) => viewGrade !== undefined);
  const viewWeight = viewsKnown ? recipe.viewWeight : 0;
  const cells = dataset.defects?.cells ?? 0;
  const coarser = cellsPerCell(cells, defectCellsOf(model.network, inputSize));
  const someUnknown = dataset.images.some(({ mapUnknown }) => mapUnknown);
  const knownOf = (images: readonly number[]): Tensor =>
    tensor(
      images.map((image) => (dataset.images[image]!.mapUnknown ? 0 : 1)),
      [images.length, 1, 1, 1],
    );

  return {
    optimizer,
    run: (batch, learningRate) =>
      tidy(() => {
        const pixels = engine.planes(batch.pixels, [imageCount, 3, inputSize, inputSize]);
        const drawn =
          cells > 0 ? mul(engine.images(batch.defects, [imageCount, cells, cells, 2]), 1 / 255) : undefined;
        const maps = drawn && (coarser > 1 ? avgPool(drawn as Tensor4D, coarser, coarser, 'valid') : drawn);
        const known = someUnknown ? knownOf(batch.images) : undefined;
        const truth = batch.cases.map(({ label }) => label);
        const targets = targetsOf(truth);
        const viewTargets = viewWeight > 0 ? targetsOf(batch.images.map(viewLabel)) : undefined;
        let fused: Tensor | undefined;
        const loss = optimizer.minimise(() => {
          const { logits, defectLogits } = model.forward(pixels, true);
          const means =
            shape.views === 1 ? logits : mean(reshape(logits, [shape.cases, shape.views, labels.length]), 1);
          fused = keep(means);
          let total = crossEntropy(means, targets);
          if (viewTargets) total = add(total, mul(crossEntropy(logits, viewTargets), viewWeight));
          if (maps && defectLogits)
            total = add(total, mul(mapEntropy(defectLogits, maps, known), recipe.defectWeight));
          return total;
        }, learningRate);
        const right = sum(equal(argMax(fused!, 1), tensor(truth, [truth.length], 'int32')));
        fused!.dispose();
        // The first read runs the step; the second finds its number there.
        return { loss: loss.dataSync()[0]!, right: right.dataSync()[0]! };
      }),
    dispose: () => optimizer.dispose(),
  };
}

/** Drawn cells along a side of one of the network's. Throws `network-unsuited` where they do not fit into each other. */
function cellsPerCell(drawn: number, learned: number): number {
  if (drawn === 0 || learned === 0) return 1;
  if (drawn % learned === 0) return drawn / learned;
  throw trainingError(
    'network-unsuited',
    `the dataset's maps of ${drawn}×${drawn} cells do not fit the network's of ${learned}×${learned}`,
  );
}

function crossEntropy(logits: Tensor, targets: Tensor): Scalar {
  return neg(sum(mul(targets, logSoftmax(logits)))) as Scalar;
}

/** Mean binary cross-entropy of cells against shares between 0 and 1; images whose `known` is 0 count nothing. */
function mapEntropy(logits: Tensor, shares: Tensor, known?: Tensor): Scalar {
  const entropy = sub(softplus(logits), mul(logits, shares));
  return mean(known === undefined ? entropy : mul(entropy, known)) as Scalar;
}

/** [cases, labels]: rows of smoothed one-hot labels times the case's share of the batch's weight. */
function targetTensor(
  grades: readonly number[],
  labelCount: number,
  classWeights: readonly number[],
  smoothing: number,
): Tensor {
  const rows = new Float32Array(grades.length * labelCount).fill(0);
  grades.forEach((label, at) => {
    if (label < 0) return;
    const weight = classWeights[label]! / grades.length;
    rows.fill((weight * smoothing) / labelCount, at * labelCount, (at + 1) * labelCount);
    rows[at * labelCount + label]! += weight * (1 - smoothing);
  });
  return tensor(rows, [grades.length, labelCount]);
}
