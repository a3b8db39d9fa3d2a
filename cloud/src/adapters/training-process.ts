/** Runs the training program as a child process: it may use all cores, and its crash is not ours. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseTrainingEvent, type TrainingEvent, type TrainingSummary } from '@pomona/training/protocol';
import { AppError, type EngineChoice, type Evaluation } from '@pomona/wire';

const program = fileURLToPath(new URL('./main.js', import.meta.resolve('@pomona/training')));

export interface TrainingRun {
  readonly datasetFolder: string;
  /** Gets the artifacts that `@pomona/training` names. */
  readonly outFolder: string;
  readonly network: string;
  readonly seed: number;
  /** Undefined takes the catalog's default. */
  readonly epochs?: number;
  readonly minutes?: number;
  readonly stopAfter?: number;
  /** What learns. */
  readonly engine?: EngineChoice;
  /** A file of other splits. */
  readonly splits?: string;
  /** Settings that differ from the catalog's recipe. */
  readonly recipe?: object;
  /** A file of weights to go on from. */
  readonly from?: string;
  /** The labels of the model that `from` is of, in its order. */
  readonly labels?: readonly string[];
  /** Versions to hold it against, as the program takes them. */
  readonly against?: readonly object[];
  /** A file that keeps where the training stands, and that it goes on from when it is there. */
  readonly checkpoint?: string;
  readonly onEvent: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface CalibrationRun {
  readonly datasetFolder: string;
  readonly outFolder: string;
  readonly network: string;
  readonly labels: readonly string[];
  readonly before: object;
  /** The file of weights that stay. */
  readonly from: string;
  readonly onEvent?: (event: TrainingEvent) => void;
  readonly signal: AbortSignal;
}

export interface EvaluationRun extends Omit<CalibrationRun, 'outFolder' | 'onEvent'> {
  readonly split: string;
}

/** Errors: those that the program reports, `training-crashed`; an `AbortError` when cancelled. */
export function runTraining(run: TrainingRun): Promise<TrainingSummary> {
  return runProgram(argumentsOf(run), run, summaryOf);
}

/** Errors: as of `runTraining`. */
export function runCalibration(run: CalibrationRun): Promise<TrainingSummary> {
  const args = [
    ...['--calibrate', '--dataset', run.datasetFolder, '--out', run.outFolder],
    ...judgingArguments(run),
  ];
  return runProgram(args, { signal: run.signal, onEvent: run.onEvent ?? (() => undefined) }, summaryOf);
}

/** Writes nothing. Errors: as of `runTraining`. */
export function runEvaluation(run: EvaluationRun): Promise<Evaluation> {
  const args = [
    ...['--evaluate', run.split, '--dataset', run.datasetFolder, '--out', run.datasetFolder],
    ...judgingArguments(run),
  ];
  const ports = { signal: run.signal, onEvent: () => undefined };
  return runProgram(args, ports, (event) => (event.type === 'measured' ? event.evaluation : undefined));
}

/** Milliseconds of a view by a network that learned nothing, fp32 on one thread. Errors: as of `runTraining`. */
export function timeNetwork({
  datasetFolder,
  network,
  signal,
}: Pick<TrainingRun, 'datasetFolder' | 'network' | 'signal'>): Promise<number> {
  const args = ['--time', '--dataset', datasetFolder, '--out', datasetFolder, '--network', network];
  const ports = { signal, onEvent: () => undefined };
  return runProgram(args, ports, (event) => (event.type === 'timed' ? event.msPerView : undefined));
}

function summaryOf(event: TrainingEvent): TrainingSummary | undefined {
  return event.type === 'done' ? event.summary : undefined;
}

function judgingArguments(run: Omit<EvaluationRun, 'split'>): string[] {
  return [
    ...['--network', run.network, '--from', run.from],
    ...['--labels', run.labels.join(','), '--before', JSON.stringify(run.before)],
  ];
}

async function runProgram<T>(
  args: readonly string[],
  run: Pick<TrainingRun, 'onEvent' | 'signal'>,
  endOf: (event: TrainingEvent) => T | undefined,
): Promise<T> {
  run.signal.throwIfAborted();
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A Ctrl-C in the terminal reaches the whole process group; the child is cancelled by us alone.
    detached: true,
  });
  const cancel = (): void => void child.kill('SIGTERM');
  run.signal.addEventListener('abort', cancel, { once: true });
  let end: T | undefined;
  let failure: AppError | undefined;
  let complaints = '';
  child.stderr.on('data', (bytes: Buffer) => {
    complaints = (complaints + bytes.toString()).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parseTrainingEvent(line);
    if (event === undefined) return;
    end ??= endOf(event);
    if (event.type === 'failed') failure = new AppError(event.code, event.message, { hint: event.hint });
    run.onEvent(event);
  });
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    run.signal.throwIfAborted();
    if (failure !== undefined) throw failure;
    if (end !== undefined && code === 0) return end;
    throw new AppError('training-crashed', `the training program ended with ${signal ?? `code ${code}`}`, {
      hint: complaints === '' ? 'Try again; free some memory if the system ended it.' : complaints.trim(),
    });
  } finally {
    run.signal.removeEventListener('abort', cancel);
  }
}

function argumentsOf(run: TrainingRun): string[] {
  const optional = Object.entries({
    '--epochs': run.epochs,
    '--minutes': run.minutes,
    '--stop-after': run.stopAfter,
    '--engine': run.engine,
    '--splits': run.splits,
    '--recipe': run.recipe && JSON.stringify(run.recipe),
    '--from': run.from,
    '--labels': run.labels?.join(','),
    '--checkpoint': run.checkpoint,
  });
  return [
    ...['--dataset', run.datasetFolder, '--out', run.outFolder],
    ...['--network', run.network, '--seed', String(run.seed)],
    ...(run.against ?? []).flatMap((rival) => ['--against', JSON.stringify(rival)]),
    ...optional.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)])),
  ];
}
