import type { Network, TrainingRecipe } from '@pomona/catalog';
import { backendName, useOnnxBackend } from '@pomona/onnx-backend';
import type { Clock, HeldAgainst } from '@pomona/wire';
import { getBackend } from '@tensorflow/tfjs-core';
import type { Dataset } from '../domain/dataset.ts';
import { isDisturbing } from '../domain/disturbance/disturb.ts';
import type { TrainingEvent } from '../domain/training-protocol.ts';
import { type BuiltModel, buildModel } from '../use-cases/build-model.ts';
import type { CheckpointStore } from '../use-cases/checkpoint.ts';
import { datasetFor } from '../use-cases/dataset-for.ts';
import { holdAgainst, type Rival } from '../use-cases/hold-against.ts';
import { parametersOf } from '../use-cases/parameters-of.ts';
import { splitCases, train } from '../use-cases/train.ts';
import { loadWeights, weightsFileOf } from '../use-cases/weights-file.ts';
import { startBatchesAhead } from './batches-ahead.ts';
import { type FinishedModel, finishModel, pause } from './finish-model.ts';
import { type LearningEngine, onnxEngine } from './learning-engine.ts';

export interface TrainOnceOptions {
  readonly dataset: Dataset;
  /** In the order of the model that `weights` are of; the dataset's unless given. */
  readonly labels?: readonly string[];
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
  /** What it is held against on the test split. */
  readonly rivals?: readonly Rival[];
  /** What learns; ONNX Runtime unless it is another. */
  readonly engine?: LearningEngine;
  readonly clock: Clock;
  readonly report?: (event: TrainingEvent) => void;
}

/** A whole run: training, export, golden views, summary. What comes after learning is done on the ONNX backend. Writes nothing. */
export async function trainOnce(options: TrainOnceOptions): Promise<FinishedModel> {
  const { network, recipe, seed, clock, report = () => {} } = options;
  const { labels = options.dataset.labels, weights } = options;
  const dataset =
    weights === undefined ? options.dataset : datasetFor({ dataset: options.dataset, labels, weights });
  const views = options.views ?? Math.min(dataset.viewsPerFruit, recipe.viewsMax);
  const engine = await (options.engine ?? onnxEngine).start();
  const { budgetMs, stopAfter } = options;
  const job = { dataset, network, recipe, seed, views, budgetMs, stopAfter, weights };
  const trained = await train(job, {
    ...{ engine, clock, report, pause, settle: (model: BuiltModel) => settled(model, dataset) },
    // Light and orientation take a batch no time; the rest does.
    ...(isDisturbing(recipe.augmentation) ? { startBatches: startBatchesAhead } : {}),
    ...(options.checkpoint === undefined ? {} : { checkpoint: options.checkpoint }),
  });
  const backend = await useOnnxBackend();
  const { test } = splitCases(dataset, views);
  const held: HeldAgainst[] = [];
  for (const rival of options.rivals ?? []) {
    const found = await holdAgainst(rival, dataset, test, trained.tested, { engine: backend, pause });
    if (found !== undefined) held.push(found);
  }
  return finishModel(backend, {
    ...{ model: trained.model, calibration: trained.calibration, dataset, clock },
    cases: test,
    facts: {
      seed,
      viewsPerFruit: views,
      evaluation: trained.evaluation,
      validation: trained.validation,
      ...(held.length === 0 ? {} : { heldAgainst: held }),
      imagesPerSecond: trained.imagesPerSecond,
      epochs: trained.epochs,
      bestEpoch: trained.bestEpoch,
      durationMs: trained.durationMs,
      parameters: parametersOf(job),
    },
  });
}

/** The model on the ONNX backend, which alone can trace it: the same one where it was learned there, else one with its numbers. */
async function settled(model: BuiltModel, { labels }: Dataset) {
  if (getBackend() === backendName) return { engine: await useOnnxBackend(), model };
  const weights = weightsFileOf(model);
  const { network, inputSize } = model;
  model.dispose();
  const engine = await useOnnxBackend();
  const same = buildModel(network, inputSize, labels.length, 0);
  loadWeights(same, weights);
  return { engine, model: same };
}
