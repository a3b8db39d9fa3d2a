import type { TrainingEvent } from '@pomona/training';
import type { DatasetView, EngineChoice, ModelView } from '@pomona/wire';
import type { TrainingArtifacts } from './build-release.ts';
import { type CalibratePorts, calibrate } from './calibrate.ts';
import { registerVersion } from './register-version.ts';
import { type Rival, rivalsOf } from './rivals-of.ts';
import type { JobRun } from './run-job.ts';
import { weightsOf } from './weights-of.ts';

/** What one run of the training program is asked for. */
export interface TrainerRequest {
  readonly dataset: { readonly name: string; readonly digest: string };
  /** Names the run's folder. */
  readonly run: string;
  readonly job: number;
  /** The run that it does again. */
  readonly reproduces?: number;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly minutes?: number;
  /** Ends after so many, as one that ran out of its minutes did. */
  readonly stopAfter?: number;
  /** Settings that differ from the catalog's recipe. */
  readonly recipe?: object;
  readonly engine?: EngineChoice;
  /** Goes on from where the same training was when it was killed. */
  readonly resume?: boolean;
  /** Digest of the weights to go on from, and the labels of their model in its order. */
  readonly fromWeights?: string;
  readonly labels?: readonly string[];
  /** Held against on the test split; what comes of the training does not depend on them. */
  readonly against?: readonly Rival[];
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface TrainAndRegisterPorts extends CalibratePorts {
  readonly trainer: CalibratePorts['trainer'] & {
    train(request: TrainerRequest): Promise<TrainingArtifacts>;
  };
}

export interface TrainAndRegisterRequest {
  readonly dataset: Pick<DatasetView, 'name' | 'digest'>;
  readonly name: string;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly recipe?: object;
  readonly engine?: EngineChoice;
  readonly resume?: boolean;
  /** For the log of the model. */
  readonly reason?: string;
  /** The model to go on from; its labels, network and input must be the same. */
  readonly from?: { readonly name: string; readonly version: number };
}

/**
 * Trains, holds the result against the gates, signs a release of it and puts it into the registry. Nothing is registered unless all of it is there, nor when the job
 * was cancelled meanwhile. Where the version that it goes on from was calibrated, so is the result, as one version more.
 * `onEvent` hears of it beside the job. Errors: those of the training program, `training-incomplete`.
 */
export async function trainAndRegister(
  ports: TrainAndRegisterPorts,
  request: TrainAndRegisterRequest,
  run: JobRun,
  onEvent?: (event: TrainingEvent) => void,
): Promise<ModelView> {
  const { name, from, reason = 'a training was asked for', ...training } = request;
  const fromWeights = from && (await weightsOf(ports, from));
  const parent = from && (await ports.models.find(from.name, from.version));
  const version = await ports.models.nextVersion(name);
  const artifacts = await ports.trainer.train({
    ...training,
    ...(fromWeights === undefined ? {} : { fromWeights }),
    ...(parent === undefined ? {} : { labels: parent.labels }),
    against: await rivalsOf(ports, name, parent),
    // Two trainings of one name may run at the same time.
    run: `${name}-${version}-job-${run.id}`,
    job: run.id,
    onEvent: (event) => {
      run.onEvent(event);
      onEvent?.(event);
    },
    signal: run.signal,
  });
  const model = await registerVersion(
    ports,
    { name, version, artifacts, made: 'trained', reason, ...(from === undefined ? {} : { parent: from }) },
    run,
  );
  return (await calibratedAsBefore(ports, model, run)) ?? model;
}

/** What goes on from a calibrated version learns from drawn or labelled fruit again, and is then calibrated on the same photographs. */
async function calibratedAsBefore(
  ports: TrainAndRegisterPorts,
  { name, version, parent }: ModelView,
  run: JobRun,
): Promise<ModelView | undefined> {
  const calibration = parent && (await ports.models.find(parent.name, parent.version))?.calibration;
  if (parent === undefined || calibration === undefined) return undefined;
  const reason = `as ${name}@${parent.version} was, from which it goes on`;
  return calibrate(ports, { model: { name, version }, dataset: calibration.dataset, reason }, run);
}
