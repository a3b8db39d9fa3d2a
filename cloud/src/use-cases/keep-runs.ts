/**
 * Keeps of each run of the training program what went in and what came out, as it happens: dataset version, code revision, all
 * parameters, seed, environment, curve, figures and the digests of its files; of those that fail as well.
 */
import { canonicalJson, digestOf } from '@pomona/release';
import type { TrainingEvent } from '@pomona/training';
import type { Clock, Evaluation, JobEpoch, TrainingRunKind, TrainingRunView } from '@pomona/wire';
import type { TrainingArtifacts } from './build-release.ts';
import { describeError } from './run-job.ts';
import type { TunePorts } from './tune.ts';

export type Trainer = TunePorts['trainer'];

export interface NewTrainingRun
  extends Pick<TrainingRunView, 'name' | 'kind' | 'job' | 'dataset' | 'codeRevision' | 'asked'> {
  /** Of all that goes in: runs with the same ones should come to the same. */
  readonly inputs: string;
  readonly reproduces?: number | undefined;
}

export type RunBegan = Pick<TrainingRunView, 'environment' | 'parameters'>;
export type RunOutcome = Pick<TrainingRunView, 'evaluated' | 'artifacts'>;

export interface RunEnded {
  readonly state: 'done' | 'failed' | 'cancelled';
  readonly curve: readonly JobEpoch[];
  readonly outcome: RunOutcome;
  readonly digest: string | null;
  readonly error: string | null;
}

export interface KeepRunsPorts {
  readonly trainingRuns: {
    add(run: NewTrainingRun, nowMs: number): Promise<number>;
    setBegan(id: number, began: RunBegan): Promise<void>;
    end(id: number, ended: RunEnded, nowMs: number): Promise<void>;
  };
  readonly clock: Clock;
  codeRevision(): Promise<string>;
}

/** The same trainer, each of whose runs is kept. */
export function keepingRuns(trainer: Trainer, ports: KeepRunsPorts): Trainer {
  return {
    async train(request) {
      const work = (onEvent: OnEvent) => trainer.train({ ...request, onEvent });
      const { id, value } = await keep(ports, 'train', request, work, artifactsOf);
      return { ...value, trainingRun: id };
    },
    async calibrate(request) {
      const work = (onEvent: OnEvent) => trainer.calibrate({ ...request, onEvent });
      const { id, value } = await keep(ports, 'calibrate', request, work, artifactsOf);
      return { ...value, trainingRun: id };
    },
    async trial(request) {
      const work = (onEvent: OnEvent) => trainer.trial({ ...request, onEvent });
      const kind = request.splits === undefined ? 'trial' : 'fold';
      return (await keep(ports, kind, request, work, () => [])).value;
    },
    evaluate: (request) => trainer.evaluate(request),
    time: (request) => trainer.time(request),
  };
}

type OnEvent = (event: TrainingEvent) => void;

/** What each kind of request has beside its inputs. */
interface KeptRequest {
  readonly dataset: { readonly name: string; readonly digest: string };
  readonly run: string;
  readonly job: number;
  readonly reproduces?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly signal: AbortSignal;
}

/** Of all that goes into a run. */
export function inputsOf(
  kind: TrainingRunKind,
  asked: object,
  datasetDigest: string,
  codeRevision: string,
): string {
  return digestOf(Buffer.from(canonicalJson({ kind, asked, datasetDigest, codeRevision })));
}

const besideInputs: ReadonlySet<string> = new Set([
  ...['dataset', 'run', 'job', 'reproduces', 'onEvent', 'signal', 'resume', 'against'],
]);

/** What of a request decides the result, and is asked for again to reproduce it. */
export function askedOf(request: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(request).filter(([name, value]) => value !== undefined && !besideInputs.has(name)),
  );
}

async function keep<T>(
  { trainingRuns, clock, codeRevision: readRevision }: KeepRunsPorts,
  kind: TrainingRunKind,
  request: KeptRequest,
  work: (onEvent: OnEvent) => Promise<T>,
  filesOf: (value: T) => TrainingRunView['artifacts'],
): Promise<{ readonly id: number; readonly value: T }> {
  const asked = askedOf(request);
  const codeRevision = await readRevision();
  const { run: name, job, dataset, reproduces, signal } = request;
  const inputs = inputsOf(kind, asked, dataset.digest, codeRevision);
  const id = await trainingRuns.add(
    { name, kind, job, dataset, codeRevision, asked, inputs, reproduces },
    clock.nowMs(),
  );
  const heard = new Heard();
  let failure: unknown;
  let written: Promise<unknown> = Promise.resolve();
  const end = async (
    state: RunEnded['state'],
    artifacts: TrainingRunView['artifacts'],
    error: string | null,
  ) => {
    await written;
    const { curve, evaluated } = heard;
    const outcome = { evaluated, artifacts };
    const digest = state === 'done' ? resultDigestOf(outcome) : null;
    await trainingRuns.end(id, { state, curve, outcome, digest, error }, clock.nowMs());
  };
  let value: T;
  try {
    value = await work((event) => {
      heard.add(event);
      if (event.type === 'environment' || event.type === 'started') {
        const { began } = heard;
        written = written
          .then(() => trainingRuns.setBegan(id, began))
          .catch((error: unknown) => (failure ??= error));
      }
      request.onEvent?.(event);
    });
  } catch (error) {
    await end(signal.aborted ? 'cancelled' : 'failed', [], describeError(error));
    throw error;
  }
  await end('done', filesOf(value), null);
  if (failure !== undefined) throw failure;
  return { id, value };
}

/** What the program said, as far as it is kept. */
class Heard {
  readonly curve: JobEpoch[] = [];
  readonly evaluated: TrainingRunView['evaluated'] = [];
  #environment: TrainingRunView['environment'] = null;
  #parameters: TrainingRunView['parameters'] = null;

  get began(): RunBegan {
    return { environment: this.#environment, parameters: this.#parameters };
  }

  add(event: TrainingEvent): void {
    if (event.type === 'environment') this.#environment = event.environment;
    if (event.type === 'started') {
      this.#parameters = { ...event.parameters };
      // A checkpoint that did not suit is begun anew, and says all of it again.
      this.curve.length = 0;
      this.evaluated.length = 0;
    }
    if (event.type === 'epoch') {
      const { epoch, loss, accuracy, validationLoss, validationAccuracy } = event;
      this.curve.push({ epoch, loss, accuracy, validationLoss, validationAccuracy });
    }
    if (event.type === 'evaluated') this.evaluated.push({ split: event.split, evaluation: event.evaluation });
  }
}

/** Where a picture lies is no result, and runs from before it was told came to the same. */
function withoutPaths<T extends { readonly evaluation: Evaluation }>(judged: T): T {
  const { worst, ...evaluation } = judged.evaluation;
  if (worst === undefined) return judged;
  return {
    ...judged,
    evaluation: { ...evaluation, worst: worst.map(({ source: _, ...each }) => each) },
  };
}

/** Files and figures, nothing that time or load decide. */
export function resultDigestOf({ evaluated, artifacts }: RunOutcome): string {
  const files = Object.fromEntries(artifacts.map(({ name, digest }) => [name, digest]));
  return digestOf(Buffer.from(canonicalJson({ files, evaluated: evaluated.map(withoutPaths) })));
}

function artifactsOf({
  models,
  weights,
  goldenPixels,
  golden,
}: TrainingArtifacts): TrainingRunView['artifacts'] {
  const files = new Map<string, Uint8Array>([
    ...models,
    ...(weights === undefined ? [] : ([['weights.f32', weights]] as const)),
    ['golden.u8', goldenPixels],
    ['golden.json', Buffer.from(canonicalJson(golden))],
  ]);
  return [...files].map(([name, bytes]) => ({ name, digest: digestOf(bytes), bytes: bytes.byteLength }));
}
