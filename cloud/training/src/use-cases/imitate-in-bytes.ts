/**
 * Quantization-aware fine-tuning: the network learns, with its filters and activations rounded as the integer variant will round them, to say what it
 * said in floats (its own teacher: Hinton, Vinyals and Dean 2015). Normalisation stays as it was learned, folded into the filters.
 */
import { seededRandom, shuffled } from '@pomona/wire';
import {
  add,
  logSoftmax,
  mean,
  mul,
  neg,
  type Scalar,
  sigmoid,
  square,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
} from '@tensorflow/tfjs-core';
import { cropsAt, type Dataset } from '../domain/dataset.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import type { BuiltModel } from './build-model.ts';
import { calibratedLogits } from './calibrated-probabilities.ts';
import type { Engine } from './engine.ts';
import { FlatAdam } from './flat-adam.ts';
import { roundableLayers } from './roundable-layers.ts';

const epochs = 6;
const batchMax = 32;
const learningRate = 1e-4;
const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };

/** What the float variant says of one image. */
export type Said = Readonly<Record<'probabilities' | 'embedding', Float32Array>> & {
  readonly defect?: Float32Array;
};

export interface Imitation {
  /** To learn from. */
  readonly images: readonly number[];
  /** Of each of them. */
  readonly said: readonly Said[];
  readonly calibration: Calibration;
  /** The upper end of what each convolution gives, in the order of the network. */
  readonly highs: readonly number[];
  readonly seed: number;
}

/** Whether there is anything to round, by as many ranges. */
export function canImitate(model: BuiltModel, highs: readonly number[]): boolean {
  const count = roundableLayers(model).length;
  return count > 0 && count === highs.length;
}

/** Changes the model's variables. */
export function imitateInBytes(
  engine: Engine,
  model: BuiltModel,
  dataset: Dataset,
  imitation: Imitation,
): void {
  const { images, highs, seed } = imitation;
  const convolutions = roundableLayers(model);
  const size = Math.min(batchMax, images.length);
  const steps = epochs * Math.floor(images.length / size);
  const random = seededRandom(seed, 'imitate in bytes');
  const optimizer = new FlatAdam(model.trainable, adam);
  convolutions.forEach((layer, at) => {
    layer.roundTo(highs[at]!);
  });
  try {
    let queue: number[] = [];
    for (let step = 0; step < steps; step++) {
      if (queue.length < size) queue = shuffled([...images.keys()], random);
      const batch = queue.splice(0, size);
      const rate = learningRate * (1 - step / steps);
      tidy(() => optimizer.minimise(() => lossOf(engine, model, dataset, imitation, batch), rate).dataSync());
    }
  } finally {
    optimizer.dispose();
    for (const layer of convolutions) layer.roundTo(undefined);
  }
}

function lossOf(
  engine: Engine,
  model: BuiltModel,
  dataset: Dataset,
  { images, said, calibration }: Imitation,
  batch: readonly number[],
): Scalar {
  const pixels = cropsAt(
    dataset,
    batch.map((at) => images[at]!),
  );
  const { inputSize } = dataset;
  const outputs = model.forward(engine.images(pixels, [batch.length, inputSize, inputSize, 3]));
  const wanted = (output: keyof Said, like: Tensor): Tensor =>
    tensor(joined(batch.map((at) => said[at]![output]!)), like.shape);
  const logits = calibratedLogits(outputs.logits, calibration);
  const entropy = neg(sum(mul(wanted('probabilities', logits), logSoftmax(logits))));
  const farness = (output: keyof Said, found: Tensor): Tensor =>
    mean(square(sub(found, wanted(output, found))));
  let loss = add(mul(entropy, 1 / batch.length), farness('embedding', outputs.embedding));
  if (outputs.defectLogits) loss = add(loss, farness('defect', sigmoid(outputs.defectLogits)));
  return loss as Scalar;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((from, part) => {
    all.set(part, from);
    return from + part.length;
  }, 0);
  return all;
}
