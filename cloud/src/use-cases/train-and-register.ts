import type { TrainingEvent } from '@pomona/training';
import { AppError, type Clock, type DatasetView, type ModelView, type ProjectView } from '@pomona/wire';
import { failedGates, judgeGates } from '../domain/gates.ts';
import { type BuildReleasePorts, buildRelease, type TrainingArtifacts } from './build-release.ts';
import { type AliasPorts, changeAlias } from './change-alias.ts';
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
  readonly models: {
    nextVersion(name: string): Promise<number>;
    save(model: ModelView): Promise<void>;
    find(name: string, version?: number): Promise<ModelView | undefined>;
  } & AliasPorts['models'];
  readonly project: { read(): Promise<ProjectView> };
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
  /** The model to go on from; its labels, network and input must be the same. */
  readonly from?: { readonly name: string; readonly version: number };
}

/**
 * Trains, holds the result against the gates, signs a release of it and puts it into the registry. Nothing is registered unless all of it is there.
 * `onEvent` hears of it beside the job. Errors: those of the training program, `training-incomplete`.
 */
export async function trainAndRegister(
  ports: TrainAndRegisterPorts,
  request: TrainAndRegisterRequest,
  run: JobRun,
  onEvent?: (event: TrainingEvent) => void,
): Promise<ModelView> {
  const { name, from, ...training } = request;
  const fromWeights = from && (await weightsOf(ports, from));
  const version = await ports.models.nextVersion(name);
  const artifacts = await ports.trainer.train({
    ...training,
    ...(fromWeights === undefined ? {} : { fromWeights }),
    // Two trainings of one name may run at the same time.
    run: `${name}-${version}-job-${run.id}`,
    onEvent: (event) => {
      run.onEvent(event);
      onEvent?.(event);
    },
    signal: run.signal,
  });
  const built = await buildRelease(
    { trust: await ports.openTrust(), blobs: ports.blobs, clock: ports.clock },
    { name, version, artifacts, codeRevision: await ports.codeRevision() },
  );
  const champion = await aliased(ports, name, 'champion');
  const { targets } = await ports.project.read();
  const model: ModelView = {
    ...built.model,
    gates: judgeGates({ model: built.model, champion, targets }),
    ...(from === undefined ? {} : { parent: from }),
  };
  await ports.models.save(model);
  const failed = failedGates(model.gates ?? []);
  if (failed.length === 0 && !(await aliased(ports, name, 'candidate'))) {
    const request = { version: model.version, reason: 'the first version that passes its gates' };
    await changeAlias(ports, { name, alias: 'candidate' }, request, { name: run.actor, isAdmin: false });
  }
  await run.setResult({ name: model.name, version: model.version, digest: model.digest });
  return model;
}

async function aliased(
  { models }: TrainAndRegisterPorts,
  name: string,
  alias: string,
): Promise<ModelView | undefined> {
  const found = (await models.aliases(name)).find((each) => each.alias === alias);
  return found && models.find(name, found.version);
}

async function weightsOf(
  { models }: TrainAndRegisterPorts,
  { name, version }: { readonly name: string; readonly version: number },
): Promise<string> {
  const parent = await models.find(name, version);
  if (parent?.weightsDigest !== undefined) return parent.weightsDigest;
  throw new AppError('model-unknown', `there are no weights of ${name}@${version} to go on from`, {
    hint: 'Train a new version from the start: older ones did not keep their weights.',
  });
}
