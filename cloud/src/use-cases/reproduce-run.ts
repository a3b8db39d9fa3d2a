/** Trains again from the record of a run, and says whether it comes to the same; if not, what differs first. */
import type { ReproducedRun, RunComparison, TrainingRunView } from '@pomona/wire';
import { compareRuns, firstCause } from '../domain/compare-runs.ts';
import type { CalibratorRequest } from './calibrate.ts';
import type { Trainer } from './keep-runs.ts';
import { type ReadRunsPorts, readRun, type StoredRun } from './read-runs.ts';
import { recipeOf } from './recipe-of.ts';
import type { JobRun } from './run-job.ts';
import type { TrainerRequest } from './train-and-register.ts';
import type { TrialRequest } from './tune.ts';

export interface ReproducePorts extends ReadRunsPorts {
  readonly trainingRuns: ReadRunsPorts['trainingRuns'] & {
    findOfJob(job: number): Promise<StoredRun | undefined>;
  };
  readonly trainer: Trainer;
  readonly files: {
    /** In words, what the run learned from and is not here any more. */
    missing(run: TrainingRunView): Promise<readonly string[]>;
    /** Removes what a run left in its folder. */
    discard(name: string): Promise<void>;
  };
}

/** Errors: `run-unknown`; what the training itself fails with is part of the answer. */
export async function reproduceRun(
  ports: ReproducePorts,
  { run: id }: { readonly run: number },
  job: JobRun,
): Promise<ReproducedRun> {
  const then = await readRun(ports, id);
  const missing = await whyImpossible(ports, then);
  const result =
    missing === undefined
      ? await again(ports, then, job)
      : ({ run: id, again: null, verdict: 'impossible', why: missing, comparison: null } as const);
  await job.setResult(result);
  return result;
}

async function whyImpossible({ files }: ReproducePorts, run: TrainingRunView): Promise<string | undefined> {
  if (run.state === 'running') return `run ${run.id} has not ended yet`;
  // Its process could not write how it ended.
  if (run.endedAt === null)
    return `run ${run.id} was killed before its end: it came to nothing that could be compared`;
  if (run.state === 'cancelled')
    return `run ${run.id} was cancelled: it came to nothing that could be compared`;
  const missing = await files.missing(run);
  return missing.length === 0 ? undefined : `not here any more: ${missing.join(', ')}`;
}

async function again(ports: ReproducePorts, then: TrainingRunView, job: JobRun): Promise<ReproducedRun> {
  let failure: unknown;
  await trainAgain(ports.trainer, then, job).catch((error: unknown) => {
    // That somebody cancelled it says nothing of the run.
    job.signal.throwIfAborted();
    failure = error;
  });
  const stored = await ports.trainingRuns.findOfJob(job.id);
  // Without a record it failed before it could begin, and not for anything in the run.
  if (stored === undefined) throw failure;
  const now = { ...stored, model: null };
  const comparison = compareRuns(then, now);
  const failsAgain = then.state === 'failed' && now.state === 'failed' && then.error === now.error;
  const verdict = comparison.same || failsAgain ? 'same' : 'different';
  if (verdict === 'same') await ports.files.discard(now.name);
  return { run: then.id, again: now.id, verdict, why: whyOf(then, now, comparison), comparison };
}

function whyOf(then: TrainingRunView, now: TrainingRunView, comparison: RunComparison): string {
  if (comparison.same) return `it came to the same digest ${now.digest}`;
  const cause = firstCause(comparison);
  const words =
    cause === undefined
      ? unexplained(then)
      : `first of all ${cause.section} differs: ${cause.name} was ${cause.a ?? 'nothing'}, and is ${cause.b ?? 'nothing'}`;
  if (now.state === 'failed')
    return then.error === now.error
      ? `it fails as it did: ${now.error}`
      : `it fails now: ${now.error}; ${words}`;
  if (then.state === 'failed') return `it failed then: ${then.error}, and ended well now; ${words}`;
  const from = comparison.curvesPartAt;
  return from === null ? words : `${words}; the curves part at epoch ${from}`;
}

function unexplained({ codeRevision }: TrainingRunView): string {
  return /^[0-9a-f]+$/.test(codeRevision)
    ? 'all that goes in is the same: a cause that the record does not hold'
    : `all that the record holds of what goes in is the same, but the code was ${codeRevision === 'unknown' ? 'in no checkout' : 'changed since its commit'}, and its record does not say how`;
}

async function trainAgain(trainer: Trainer, then: TrainingRunView, job: JobRun): Promise<unknown> {
  const { dataset, asked, parameters, curve, state } = then;
  const common = {
    // Defaults may have changed since; what the run was made with has not.
    ...(parameters === null ? asked : { ...asked, epochs: undefined, recipe: recipeOf(parameters) }),
    ...{ dataset, job: job.id, reproduces: then.id, run: `again-${then.id}-job-${job.id}` },
    ...{ onEvent: job.onEvent, signal: job.signal },
  };
  // The record holds what the trainer was asked for, under the same names.
  switch (then.kind) {
    case 'train': {
      const outOfTime = asked.minutes !== undefined && state === 'done';
      const ended = outOfTime ? { minutes: undefined, stopAfter: curve.length } : {};
      return trainer.train({ ...(common as unknown as TrainerRequest), ...(ended as object) });
    }
    case 'calibrate':
      return trainer.calibrate(common as unknown as CalibratorRequest);
    case 'trial':
    case 'fold':
      return trainer.trial(common as unknown as TrialRequest);
  }
}
