import {
  add,
  logSoftmax,
  matMul,
  mul,
  neg,
  type Scalar,
  square,
  sum,
  type Tensor2D,
  tensor,
  tidy,
  variable,
} from '@tensorflow/tfjs-core';
import type { Calibration } from '../domain/score-calibration.ts';
import type { BuiltModel } from './build-model.ts';
import { FlatAdam } from './flat-adam.ts';

const steps = 1500;
const learningRate = 0.1;
/** Weight decay; there are more than a thousand fruits for a hundred weights. */
const decay = 3e-5;

export interface FitCase {
  /** Mean embedding over the views, as the classifier gets it. */
  readonly embedding: readonly number[];
  readonly label: number;
}

/** Makes the calibration part of the classifier; one that would turn the order of the grades around is left out. */
export function scaleClassifier(model: BuiltModel, { scale, shift }: Calibration): void {
  if (!(scale > 0)) return;
  const classifier = model.layers.at(-1)!;
  const [kernel, bias] = classifier.getWeights();
  tidy(() => classifier.setWeights([mul(kernel!, scale), add(mul(bias!, scale), tensor([...shift]))]));
}

/**
 * Fits the classifier alone, to all fruits at once: logistic regression on the mean embeddings of whole fruits, which has
 * one best answer. Steps of small batches leave the limits between grades a little off.
 */
export function fitClassifier(model: BuiltModel, cases: readonly FitCase[]): void {
  const classifier = model.layers.at(-1)!;
  const [kernel, bias] = classifier.getWeights();
  const width = cases[0]!.embedding.length;
  const labelCount = bias!.shape[0]!;
  const targets = new Float32Array(cases.length * labelCount);
  cases.forEach(({ label }, at) => {
    targets[at * labelCount + label] = 1 / cases.length;
  });
  const x = tensor(
    cases.flatMap(({ embedding }) => [...embedding]),
    [cases.length, width],
  ) as Tensor2D;
  const y = tensor(targets, [cases.length, labelCount]);
  const weights = variable(kernel!);
  const offsets = variable(bias!);
  const optimizer = new FlatAdam([weights, offsets], { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
  for (let step = 0; step < steps; step++) {
    tidy(() => {
      const loss = (): Scalar => {
        const logits = add(matMul(x, weights as unknown as Tensor2D), offsets);
        const entropy = neg(sum(mul(y, logSoftmax(logits))));
        return add(entropy, mul(sum(square(weights)), decay)) as Scalar;
      };
      // Later steps are finer, so that the end does not depend on where the last one landed.
      optimizer.minimise(loss, learningRate * (1 - step / steps)).dataSync();
    });
  }
  classifier.setWeights([weights, offsets]);
  optimizer.dispose();
  for (const each of [x, y, weights, offsets]) each.dispose();
}
