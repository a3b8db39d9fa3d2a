import type { TrainingEvent } from '@pomona/training';
import { AppError, type DatasetView, type ModelView } from '@pomona/wire';
import type { DatasetImage } from '../domain/dataset.ts';
import type { TrainingArtifacts } from './build-release.ts';
import { findModel } from './find-model.ts';
import { type RegisterVersionPorts, registerVersion } from './register-version.ts';
import type { JobRun } from './run-job.ts';
import { imagesIfWhole, learnedBy, type SeenPorts } from './seen-images.ts';
import { weightsOf } from './weights-of.ts';

/** What one run of the training program is asked for that learns nothing. */
export interface CalibratorRequest {
  readonly dataset: { readonly name: string; readonly digest: string };
  /** Names the run's folder. */
  readonly run: string;
  readonly job: number;
  /** The run that it does again. */
  readonly reproduces?: number;
  readonly network: string;
  /** In the model's order. */
  readonly labels: readonly string[];
  /** Digest of the model's weights. */
  readonly fromWeights: string;
  /** How its logits became probabilities so far. */
  readonly before: { readonly scale: number; readonly shift: readonly number[] };
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface CalibratePorts extends RegisterVersionPorts, Pick<SeenPorts, 'readImages'> {
  readonly trainer: { calibrate(request: CalibratorRequest): Promise<TrainingArtifacts> };
}

export interface CalibrationRequest {
  readonly model: { readonly name: string; readonly version: number };
  readonly dataset: Pick<DatasetView, 'name' | 'digest'>;
  /** For the log of the model. */
  readonly reason?: string;
}

/**
 * Fits how a version's logits become probabilities to the photographs of a dataset, and registers the result as a new version
 * whose network is the same. It stays a child of the dataset that the network learnt from, so that a retraining begins there.
 * Errors: `model-unknown`, those of the training program.
 */
export async function calibrate(
  ports: CalibratePorts,
  { model: wanted, dataset, reason = 'a calibration was asked for' }: CalibrationRequest,
  run: JobRun,
): Promise<ModelView> {
  const { name } = wanted;
  const parent = await findModel(ports, wanted);
  const fromWeights = await weightsOf(ports, wanted);
  const version = await ports.models.nextVersion(name);
  const { scale, shift } = parent.calibration ?? { scale: 1 / (parent.temperature ?? 1), shift: [] };
  const seen = await seenIn(ports, parent, dataset);
  const artifacts = await ports.trainer.calibrate({
    ...{ dataset, network: parent.network, labels: parent.labels, fromWeights, before: { scale, shift } },
    run: `${name}-${version}-job-${run.id}`,
    job: run.id,
    signal: run.signal,
  });
  const { calibration: found, ...summary } = artifacts.summary;
  if (found === undefined) {
    throw new AppError('training-incomplete', 'the training program fitted no calibration', {
      hint: 'Build again: program and control plane are not of the same version.',
    });
  }
  return registerVersion(
    ports,
    {
      ...{ name, version, parent: { name, version: parent.version }, made: 'calibrated', reason },
      artifacts: { ...artifacts, summary: { ...summary, ...learntBefore(parent) } },
      calibration: {
        ...found,
        shift: [...found.shift],
        dataset: { name: dataset.name, digest: dataset.digest },
        seenImages: seen?.length ?? null,
        seenJudged: seen?.filter(({ split }) => found.heldBack !== 'test' || split === 'test').length ?? null,
      },
    },
    run,
  );
}

/**
 * Of the photographs, those that the network learned from: neither what is fitted to them nor a verdict on them holds for new ones.
 * Undefined where that is not known.
 */
async function seenIn(
  ports: CalibratePorts,
  parent: ModelView,
  dataset: CalibrationRequest['dataset'],
): Promise<readonly DatasetImage[] | undefined> {
  const learned = await learnedBy(ports, parent);
  return learned && (await imagesIfWhole(ports, dataset))?.filter(({ digest }) => learned.has(digest));
}

/** What stays as it was where nothing is learned. */
export function learntBefore({ dataset, seed, parameters, trainImagesPerSecond }: ModelView) {
  return { dataset, seed, parameters, imagesPerSecond: trainImagesPerSecond };
}
