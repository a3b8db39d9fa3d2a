import {
  AppError,
  type EvaluatedSplit,
  type ModelEvaluation,
  type ModelView,
  type ProjectView,
} from '@pomona/wire';
import { errorCostOf } from '../domain/error-cost.ts';
import type { Trainer } from './keep-runs.ts';
import type { JobRun } from './run-job.ts';
import { type DatasetRef, imagesIfWhole, learnedBy, type SeenPorts } from './seen-images.ts';
import { weightsOf } from './weights-of.ts';

export interface EvaluateModelPorts extends SeenPorts {
  readonly trainer: Pick<Trainer, 'evaluate'>;
  readonly project: { read(): Promise<ProjectView> };
}

export interface EvaluateModelRequest {
  readonly model: { readonly name: string; readonly version: number };
  readonly dataset: DatasetRef;
  readonly split: EvaluatedSplit;
}

/** Judges a version on any dataset version as training judges its own. Errors: `model-unknown`, `dataset-unknown`, those of the training program. */
export async function evaluateModel(
  ports: EvaluateModelPorts,
  { model: wanted, dataset, split }: EvaluateModelRequest,
  run: JobRun,
): Promise<ModelEvaluation> {
  const model = await ports.models.find(wanted.name, wanted.version);
  const fromWeights = await weightsOf(ports, wanted);
  const { network, labels, temperature, calibration } = model!;
  const { scale, shift } = calibration ?? { scale: 1 / (temperature ?? 1), shift: [] };
  const seenImages = await seenOf(ports, model!, dataset, split);
  const before = { scale, shift };
  const evaluation = await ports.trainer.evaluate({
    ...{ dataset, split, network, labels, fromWeights, before, signal: run.signal },
  });
  const { targets } = await ports.project.read();
  const errorCost = errorCostOf({ labels, evaluation }, targets);
  const result = { model: wanted, labels, dataset, split, evaluation, errorCost, seenImages };
  await run.setResult(result);
  return result;
}

/** Images that the version learned from or was chosen and fitted by, under whatever name they are here. */
async function seenOf(
  ports: EvaluateModelPorts,
  model: ModelView,
  dataset: DatasetRef,
  split: EvaluatedSplit,
): Promise<number | null> {
  const judged = await ports.readImages(dataset);
  if (judged === undefined)
    throw new AppError('dataset-unknown', `${dataset.name}@${dataset.digest} is not here any more`, {
      hint: 'Import its photographs again, or take another version: pomona dataset list.',
    });
  const learned = await learnedBy(ports, model);
  const fitted = model.calibration === undefined ? [] : await imagesIfWhole(ports, model.calibration.dataset);
  if (learned === undefined || fitted === undefined) return null;
  const seen = new Set([
    ...learned,
    // A calibration without a test split was fitted to all of its images.
    ...fitted
      .filter((image) => image.split !== 'test' || model.calibration?.heldBack !== 'test')
      .map(({ digest }) => digest),
  ]);
  return judged.filter((image) => (split === 'all' || image.split === split) && seen.has(image.digest))
    .length;
}
