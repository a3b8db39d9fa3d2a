import type { Clock, ModelCalibration, ModelLogEntry, ModelView } from '@pomona/wire';
import { failedGates } from '../domain/gates.ts';
import { type BuildReleasePorts, buildRelease, type TrainingArtifacts } from './build-release.ts';
import { type AliasPorts, changeAlias } from './change-alias.ts';
import { aliased, type JudgeVersionPorts, judgeVersion } from './judge-version.ts';
import type { JobRun } from './run-job.ts';

export interface RegisterVersionPorts extends Pick<JudgeVersionPorts, 'project'> {
  readonly models: {
    nextVersion(name: string): Promise<number>;
    save(model: ModelView, entry: Omit<ModelLogEntry, 'name'>): Promise<void>;
  } & JudgeVersionPorts['models'] &
    AliasPorts['models'];
  /** Opened anew each time: other processes publish to the same repository. */
  openTrust(): Promise<BuildReleasePorts['trust']>;
  readonly blobs: BuildReleasePorts['blobs'];
  readonly clock: Clock;
  codeRevision(): Promise<string>;
}

export interface RegisterVersionRequest {
  readonly name: string;
  readonly version: number;
  readonly artifacts: TrainingArtifacts;
  /** For the log of the model. */
  readonly made: 'trained' | 'calibrated' | 'built';
  readonly reason: string;
  readonly parent?: NonNullable<ModelView['parent']>;
  readonly calibration?: ModelCalibration;
}

/** Signs a release, holds it against the gates, and puts it into the registry, its log and the job's result; the first that passes becomes the candidate. Goes no further once the job was cancelled. */
export async function registerVersion(
  ports: RegisterVersionPorts,
  { name, version, artifacts, made, reason, parent, calibration }: RegisterVersionRequest,
  run: JobRun,
): Promise<ModelView> {
  await run.checkpoint();
  const recipe = parent && recipeOf(await ports.models.find(parent.name, parent.version), artifacts);
  const built = await buildRelease(
    { trust: await ports.openTrust(), blobs: ports.blobs, clock: ports.clock },
    { name, version, artifacts, codeRevision: await ports.codeRevision(), calibration, parent, recipe },
  );
  const model = await judgeVersion(ports, built.model);
  await run.checkpoint();
  const failed = failedGates(model.gates ?? []);
  const failedNames = failed.map((gate) => gate.name);
  await ports.models.save(model, {
    ...{ at: new Date(ports.clock.nowMs()).toISOString(), actor: run.actor, reason },
    action: `${made} ${version}`,
    detail: `${model.digest}, job ${run.id}; ${failed.length > 0 ? `gates failed: ${failedNames.join(', ')}` : 'no gate failed'}`,
  });
  if (failed.length === 0 && !(await aliased(ports, name, 'candidate'))) {
    await run.checkpoint();
    const request = { version: model.version, reason: 'the first version that passes its gates' };
    await changeAlias(ports, { name, alias: 'candidate' }, request, { name: run.actor, isAdmin: false });
  }
  const { digest } = model;
  await run.setResult({ name, version, digest, failedGates: failedNames });
  return model;
}

/** A version that goes on from one is graded by the same recipe, unless it has other labels. */
function recipeOf(parent: ModelView | undefined, { summary }: TrainingArtifacts): ModelView['recipe'] {
  return parent?.labels.join() === summary.labels.join() ? parent.recipe : undefined;
}
