/** Trains once for each value that is left out, and judges on it. What an earlier call did with the same inputs is not done again. */
import type { TrainingEvent } from '@pomona/training';
import { AppError, type Clock, type LeaveOutBy, type LeaveOutReport } from '@pomona/wire';
import type { DatasetFile } from '../domain/dataset.ts';
import { type Fold, leftOutValueOf, planLeaveOut } from '../domain/leave-out.ts';
import { type JudgedFold, leaveOutFigures } from '../domain/leave-out-report.ts';
import { askedOf, inputsOf, type Trainer } from './keep-runs.ts';
import type { StoredRun } from './read-runs.ts';
import type { JobRun } from './run-job.ts';
import type { TrialRequest } from './tune.ts';

export interface LeaveOutPorts {
  readonly trainer: Pick<Trainer, 'trial'>;
  readonly trainingRuns: { findDone(inputs: string): Promise<StoredRun | undefined> };
  readonly blobs: { put(bytes: Uint8Array): Promise<string> };
  /** By station. */
  readonly lines: ReadonlyMap<string, string>;
  readonly clock: Clock;
  codeRevision(): Promise<string>;
}

export interface LeaveOutRequest {
  readonly by: LeaveOutBy;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly recipe?: object;
  /** At most so many values, the largest. */
  readonly folds: number;
  /** No fold begins after that. */
  readonly budgetMinutes: number;
  /** Also what was done before. */
  readonly anew: boolean;
}

export interface LeaveOutWatcher {
  /** Before a training begins. */
  onFold(fold: Fold, at: number, count: number): void;
  onEvent(event: TrainingEvent): void;
}

/** Error: `leave-out-senseless`. */
export async function leaveOut(
  ports: LeaveOutPorts,
  file: DatasetFile,
  request: LeaveOutRequest,
  run: JobRun,
  { onFold, onEvent }: LeaveOutWatcher,
): Promise<LeaveOutReport> {
  const { by, network, seed } = request;
  const values = file.images.map((image) => leftOutValueOf(image, by, file.viewsPerFruit, ports.lines));
  const plan = planLeaveOut(file, values, request.folds);
  if (new Set(values.filter((value) => value !== undefined)).size < 2 || plan.folds.length === 0)
    throw senseless(file, by, plan.notHeldOut[0]?.why);
  const deadlineMs = ports.clock.monotonicMs() + request.budgetMinutes * 60_000;
  const judged: JudgedFold[] = [];
  const late: LeaveOutReport['notHeldOut'] = [];
  const report = (): LeaveOutReport => ({
    ...{ by, dataset: { name: file.name, digest: file.digest }, network, seed },
    ...leaveOutFigures(judged, file.labels),
    ...{ notHeldOut: [...late, ...plan.notHeldOut], unknownImages: plan.unknownImages },
  });
  for (const [at, fold] of plan.folds.entries()) {
    const isOver = at > 0 && ports.clock.monotonicMs() >= deadlineMs;
    const begin = () => onFold(fold, at, plan.folds.length);
    const done = await judgeFold(ports, file, { ...request, onEvent }, run, fold, isOver ? undefined : begin);
    if (done === undefined)
      late.push({
        value: fold.value,
        images: fold.images,
        why: 'the time was over; the same command goes on',
      });
    else judged.push(done);
    await run.setResult(report());
  }
  return report();
}

/** Undefined where it would have to be trained, and there is no time to begin. */
async function judgeFold(
  ports: LeaveOutPorts,
  { name, digest }: DatasetFile,
  { by, network, seed, epochs, recipe, anew, onEvent }: LeaveOutRequest & Pick<LeaveOutWatcher, 'onEvent'>,
  run: JobRun,
  fold: Fold,
  begin: (() => void) | undefined,
): Promise<JudgedFold | undefined> {
  const splits = await ports.blobs.put(Buffer.from(JSON.stringify(fold.splits)));
  const request: TrialRequest = {
    ...{ dataset: { name, digest }, network, seed, splits, heldOut: { by, value: fold.value } },
    ...(epochs === undefined ? {} : { epochs }),
    ...(recipe === undefined ? {} : { recipe }),
    ...{ run: `left-out-${run.id}-${splits.slice(0, 12)}`, job: run.id },
    ...{ onEvent, signal: run.signal },
  };
  const inputs = inputsOf('fold', askedOf(request), digest, await ports.codeRevision());
  const known = anew ? undefined : await ports.trainingRuns.findDone(inputs);
  const before = known?.evaluated.find(({ split }) => split === 'test')?.evaluation;
  if (known !== undefined && before !== undefined)
    return { fold, evaluation: before, run: known.id, reused: true };
  if (begin === undefined) return undefined;
  run.signal.throwIfAborted();
  begin();
  const evaluation = await ports.trainer.trial(request);
  return { fold, evaluation, run: (await ports.trainingRuns.findDone(inputs))?.id ?? null, reused: false };
}

function senseless({ name, viewsPerFruit }: DatasetFile, by: LeaveOutBy, why: string | undefined): AppError {
  const words =
    why ??
    (by === 'session' && viewsPerFruit > 1
      ? 'nobody said when its fruit was captured'
      : `fewer than two are known`);
  return new AppError('leave-out-senseless', `nothing of ${name} can be left out by ${by}: ${words}`, {
    hint: 'Leave out by something else, or say it of the images in the index.csv of an import.',
  });
}
