import {
  isAppError,
  type ModelView,
  type ProjectTargets,
  type RetrainResult,
  type RetrainRollout,
  type RolloutRequest,
  type StationQuery,
} from '@pomona/wire';
import { failedGates } from '../domain/gates.ts';
import { retrainedAccuracy } from '../domain/retrained-accuracy.ts';
import { type AliasPorts, changeAlias } from './change-alias.ts';
import type { JobRun } from './run-job.ts';
import type { TrainAndRegisterRequest } from './train-and-register.ts';

export interface RetrainPorts extends AliasPorts {
  /** Trains and registers a version, held against its gates. */
  train(request: TrainAndRegisterRequest, run: JobRun): Promise<ModelView>;
  createRollout(request: RolloutRequest, actor: string): Promise<{ readonly id: number }>;
}

/** What the queue keeps of a retraining. */
export interface RetrainJob extends TrainAndRegisterRequest {
  readonly rollout?: Pick<RolloutRequest, 'query' | 'plan'>;
}

/** Where and how it rolls out: what the request does not say of the stations and the shadow phase, these say. */
export function retrainedRollout(
  { query, plan: { shadow, ...plan } = {} }: RetrainRollout,
  runsIt: StationQuery,
  { retrainShadow }: Pick<ProjectTargets, 'retrainShadow'>,
): NonNullable<RetrainJob['rollout']> {
  const phase = shadow === undefined ? retrainShadow : (shadow ?? undefined);
  return { query: query ?? runsIt, plan: { ...plan, ...(phase && { shadow: phase }) } };
}

/**
 * Trains, makes a version that passes its gates the candidate and, where that was asked for, begins its rollout as
 * whoever asked. A version whose gates fail stays in the registry and goes nowhere.
 */
export async function retrain(
  ports: RetrainPorts,
  { rollout, ...training }: RetrainJob,
  run: JobRun,
): Promise<RetrainResult> {
  const reason = 'learns from the fruit that people labelled';
  const model = await ports.train({ ...training, reason }, run);
  const failed = failedGates(model.gates ?? []).map((gate) => gate.name);
  const result = {
    ...{ name: model.name, version: model.version, digest: model.digest },
    failedGates: failed,
    accuracy: retrainedAccuracy((await trainedOf(ports, model)).evaluation),
  };
  const finish = async (end: Pick<RetrainResult, 'rollout' | 'notRolledOut'>): Promise<RetrainResult> => {
    await run.setResult({ ...result, ...end });
    return { ...result, ...end };
  };
  if (failed.length > 0)
    return finish({ rollout: null, notRolledOut: `failed its gates: ${failed.join(', ')}` });
  await run.checkpoint();
  await makeCandidate(ports, model, run.actor);
  if (rollout === undefined) return finish({ rollout: null, notRolledOut: 'nobody asked for it' });
  // Should the rollout not be made, the result says what there is.
  await finish({ rollout: null, notRolledOut: 'it was not begun' });
  await run.checkpoint();
  return finish(await rollOut(ports, model, rollout, run));
}

/** A version that was calibrated again was judged on photographs; what became of the labelled fruit says the one that was trained. */
export async function trainedOf(
  { models }: Pick<AliasPorts, 'models'>,
  model: ModelView,
): Promise<ModelView> {
  const { calibration, parent } = model;
  if (calibration === undefined || parent === undefined) return model;
  return (await models.find(parent.name, parent.version)) ?? model;
}

async function makeCandidate(ports: AliasPorts, { name, version }: ModelView, actor: string): Promise<void> {
  const before = (await ports.models.aliases(name)).find(({ alias }) => alias === 'candidate');
  if (before?.version === version) return;
  const request = { version, reason: 'retrained from labelled fruit, and passes its gates' };
  await changeAlias(ports, { name, alias: 'candidate' }, request, { name: actor, isAdmin: false });
}

const isForAPerson: ReadonlySet<string> = new Set([
  'place-unknown',
  'rollout-empty',
  'rollout-overlap',
  'release-waiting',
]);

async function rollOut(
  ports: RetrainPorts,
  { name, version }: ModelView,
  { query, plan }: NonNullable<RetrainJob['rollout']>,
  run: JobRun,
): Promise<Pick<RetrainResult, 'rollout' | 'notRolledOut'>> {
  const request: RolloutRequest = {
    release: { name, version },
    query,
    ...(plan === undefined ? {} : { plan }),
    reason: `retrained from labelled fruit by job ${run.id}`,
  };
  try {
    return { rollout: (await ports.createRollout(request, run.actor)).id, notRolledOut: null };
  } catch (error) {
    // The version is good; that its stations are busy or gone, or that its list waits for keys elsewhere, is for a person to
    // read, not a failed training.
    if (!isAppError(error) || !isForAPerson.has(error.code)) throw error;
    return { rollout: null, notRolledOut: `${error.message}. ${error.hint}` };
  }
}
