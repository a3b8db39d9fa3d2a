import type { Network, TrainingRecipe } from '@pomona/catalog';
import type { Clock } from '@pomona/wire';
import type { Dataset } from '../domain/dataset.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import type { CheckpointStore } from '../use-cases/checkpoint.ts';
import { parametersOf } from '../use-cases/parameters-of.ts';
import { splitCases, train } from '../use-cases/train.ts';
import { type FinishedModel, finishModel, pause } from './finish-model.ts';
import { useOnnxBackend } from './register-backend.ts';

export interface TrainOnceOptions {
  readonly dataset: Dataset;
  readonly network: Network;
  readonly recipe: TrainingRecipe;
  readonly seed: number;
  /** Default: as many as the dataset has of a fruit, at most the recipe's `viewsMax`. */
  readonly views?: number;
  readonly budgetMs?: number;
  /** As of `TrainingJob`. */
  readonly stopAfter?: number;
  /** A file of weights to go on from. */
  readonly weights?: Uint8Array;
  readonly checkpoint?: CheckpointStore;
  readonly clock: Clock;
  readonly report?: (event: TrainingEvent) => void;
}

/** A whole run on the ONNX backend: training, export, golden views, summary. Writes nothing. */
export async function trainOnce(options: TrainOnceOptions): Promise<FinishedModel> {
  const { dataset, network, recipe, seed, clock, report = () => {} } = options;
  const views = options.views ?? Math.min(dataset.viewsPerFruit, recipe.viewsMax);
  const backend = await useOnnxBackend();
  const { budgetMs, stopAfter, weights } = options;
  const job = { dataset, network, recipe, seed, views, budgetMs, stopAfter, weights };
  const trained = await train(job, {
    ...{ engine: backend, clock, report, pause },
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
  });
  return finishModel(backend, {
    ...{ model: trained.model, calibration: trained.calibration, dataset, clock },
    cases: splitCases(dataset, views).test,
    facts: {
      seed,
      viewsPerFruit: views,
      evaluation: trained.evaluation,
      validation: trained.validation,
      imagesPerSecond: trained.imagesPerSecond,
      epochs: trained.epochs,
      bestEpoch: trained.bestEpoch,
      durationMs: trained.durationMs,
      parameters: parametersOf(job),
    },
  });
}
