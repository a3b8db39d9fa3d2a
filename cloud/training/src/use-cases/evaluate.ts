import type { Network } from '@pomona/catalog';
import type { Evaluation } from '@pomona/wire';
import { casesOf } from '../domain/cases.ts';
import { type Dataset, type Split, splits } from '../domain/dataset.ts';
import { trainingError } from '../domain/errors.ts';
import { calibratedCase, evaluationOf } from '../domain/evaluation.ts';
import type { Calibration } from '../domain/score-calibration.ts';
import { buildModel } from './build-model.ts';
import { datasetFor } from './dataset-for.ts';
import { predictCases } from './predict.ts';
import type { TrainingPorts } from './train.ts';
import { loadWeights } from './weights-file.ts';

export interface EvaluationJob {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly weights: Uint8Array;
  /** How its logits become probabilities. */
  readonly calibration: Calibration;
  /** Of the model, in its order. */
  readonly labels: readonly string[];
  readonly split: Split | 'all';
}

/** Judges a network on images of any dataset version, as training judges its own. Errors: those of `datasetFor`, `split-empty`. */
export async function evaluate(
  job: EvaluationJob,
  { engine, pause }: Pick<TrainingPorts, 'engine' | 'pause'>,
): Promise<Evaluation> {
  const dataset = datasetFor(job);
  const { labels, viewsPerFruit, inputSize } = dataset;
  const wanted = job.split === 'all' ? splits : [job.split];
  const cases = wanted.flatMap((split) => casesOf(dataset, split, viewsPerFruit));
  if (cases.length === 0) throw trainingError('split-empty', `${dataset.name} has no images in ${job.split}`);
  const model = buildModel(job.network, inputSize, labels.length, 0);
  try {
    loadWeights(model, job.weights);
    const said = await predictCases(engine, model, dataset, cases, pause);
    const judged = said.map((each) => calibratedCase(each, job.calibration));
    return evaluationOf(judged, labels, viewsPerFruit > 1 ? 'fruit' : 'image');
  } finally {
    model.dispose();
  }
}
