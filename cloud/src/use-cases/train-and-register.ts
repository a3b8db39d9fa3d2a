import type { TrainingEvent } from '@pomona/training';
import type { Clock, DatasetView, ModelView } from '@pomona/wire';
import { type BuildReleasePorts, buildRelease, type TrainingArtifacts } from './build-release.ts';
import type { JobRun } from './run-job.ts';

/** What one run of the training program is asked for. */
export interface TrainerRequest {
  readonly dataset: { readonly name: string; readonly digest: string };
  /** Names the run's folder. */
  readonly run: string;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly minutes?: number;
  /** Settings that differ from the catalog's recipe. */
  readonly recipe?: object;
  /** Digest of the weights to go on from. */
  readonly fromWeights?: string;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface Trainer {
  train(request: TrainerRequest): Promise<TrainingArtifacts>;
}

export interface TrainAndRegisterPorts {
  readonly trainer: Trainer;
  readonly models: { nextVersion(name: string): Promise<number>; save(model: ModelView): Promise<void> };
  /** Opened anew each time: other processes publish to the same repository. */
  openTrust(): Promise<BuildReleasePorts['trust']>;
  readonly blobs: BuildReleasePorts['blobs'];
  readonly clock: Clock;
  codeRevision(): Promise<string>;
}

export interface TrainAndRegisterRequest {
  readonly dataset: Pick<DatasetView, 'name' | 'digest'>;
  readonly name: string;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly recipe?: object;
}

/**
 * Trains, signs a release of the result and puts it into the registry. Nothing is registered unless all of it is there.
 * `onEvent` hears of it beside the job. Errors: those of the training program, `training-incomplete`.
 */
export async function trainAndRegister(
  ports: TrainAndRegisterPorts,
  request: TrainAndRegisterRequest,
  run: JobRun,
  onEvent?: (event: TrainingEvent) => void,
): Promise<ModelView> {
  const { name, ...training } = request;
  const version = await ports.models.nextVersion(name);
  const artifacts = await ports.trainer.train({
    ...training,
    // Two trainings of one name may run at the same time.
    run: `${name}-${version}-job-${run.id}`,
    onEvent: (event) => {
      run.onEvent(event);
      onEvent?.(event);
    },
    signal: run.signal,
  });
  const { model } = await buildRelease(
    { trust: await ports.openTrust(), blobs: ports.blobs, clock: ports.clock },
    { name, version, artifacts, codeRevision: await ports.codeRevision() },
  );
  await ports.models.save(model);
  await run.setResult({ name: model.name, version: model.version, digest: model.digest });
  return model;
}
