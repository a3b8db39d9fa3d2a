/** A training as a row that others can watch: its epochs as they come, a sign of life, and how it ended. */
import type { TrainingEvent } from '@pomona/training';
import { type Clock, isAppError, type JobEpoch, type JobKind } from '@pomona/wire';
import { diskFull } from '../domain/disk-full.ts';

export interface NewJob {
  readonly kind: JobKind;
  readonly actor: string;
  readonly request: object;
}

export interface JobStore {
  add(job: NewJob, state: 'queued' | 'running', nowMs: number): Promise<number>;
  beat(id: number, nowMs: number): Promise<boolean>;
  setEpochs(id: number, epochs: readonly JobEpoch[]): Promise<void>;
  setResult(id: number, result: unknown): Promise<void>;
  end(id: number, state: 'done' | 'failed' | 'cancelled', error: string | null, nowMs: number): Promise<void>;
  failSilent(silentMs: number, nowMs: number): Promise<number>;
}

export interface JobPorts {
  readonly jobs: JobStore;
  readonly clock: Clock;
}

/** What the work of a job gets. */
export interface JobRun {
  readonly id: number;
  readonly actor: string;
  /** Aborted when the program stops or someone cancels the job. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: TrainingEvent) => void;
  /** Before what cannot be taken back: throws when someone cancelled the job, also in this moment. */
  checkpoint(): Promise<void>;
  /** Keeps what there is so far; the last one stays. */
  setResult(result: unknown): Promise<void>;
}

const beatMs = 2_000;
/** A beat may wait for a busy database and a busy machine, never this long. */
const silentMs = 60_000;

/** Marks as failed what claims to run and whose process is gone. */
export async function failDeadJobs({ jobs, clock }: JobPorts): Promise<number> {
  return jobs.failSilent(silentMs, clock.nowMs());
}

/** Adds the job and does its work here and now. */
export async function runNewJob<T>(
  ports: JobPorts,
  job: NewJob,
  signal: AbortSignal,
  work: (run: JobRun) => Promise<T>,
): Promise<T> {
  await failDeadJobs(ports);
  const id = await ports.jobs.add(job, 'running', ports.clock.nowMs());
  return runStartedJob(ports, { id, actor: job.actor }, signal, work);
}

/** Does the work of a job whose row says `running`, and writes how it ended. Throws what the work throws. */
export async function runStartedJob<T>(
  { jobs, clock }: JobPorts,
  { id, actor }: { readonly id: number; readonly actor: string },
  signal: AbortSignal,
  work: (run: JobRun) => Promise<T>,
): Promise<T> {
  const cancelled = new AbortController();
  const epochs: JobEpoch[] = [];
  let written: Promise<unknown> = Promise.resolve();
  // The first failure to write ends the work: a job that nobody can watch must not look as if it ran.
  const write = (change: () => Promise<unknown>): void => {
    written = written.then(change).catch((error: unknown) => cancelled.abort(error));
  };
  const beat = async () => {
    if (await jobs.beat(id, clock.nowMs())) cancelled.abort(new DOMException('cancelled', 'AbortError'));
  };
  const timer = setInterval(() => write(beat), beatMs);
  const stopped = AbortSignal.any([signal, cancelled.signal]);
  try {
    const value = await work({
      id,
      actor,
      signal: stopped,
      async checkpoint() {
        await beat();
        stopped.throwIfAborted();
      },
      onEvent: (event) => {
        if (event.type !== 'epoch') return;
        const { epoch, loss, accuracy, validationLoss, validationAccuracy } = event;
        epochs.push({ epoch, loss, accuracy, validationLoss, validationAccuracy });
        const soFar = [...epochs];
        write(() => jobs.setEpochs(id, soFar));
      },
      setResult: (result) => jobs.setResult(id, result),
    });
    await written;
    await jobs.end(id, 'done', null, clock.nowMs());
    return value;
  } catch (error) {
    await written;
    const isCancelled = error instanceof Error && error.name === 'AbortError';
    await jobs.end(id, isCancelled ? 'cancelled' : 'failed', describeError(error), clock.nowMs());
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** What went wrong and what to do, in a line. */
export function describeError(error: unknown): string {
  const known = diskFull(error) ?? error;
  if (isAppError(known)) return `${known.code}: ${known.message}. ${known.hint}`;
  return error instanceof Error ? error.message : String(error);
}
