/**
 * Random search with successive halving, over the settings of a training, networks and sizes of their crops: many short trials, the better half of
 * them for twice as long, and so on; the winner is trained in full and registered. Trials are compared by macro-F1 on validation and by what
 * a view takes: the test split chooses nothing.
 */
import { recipeFor, type TrainingRecipe } from '@pomona/catalog';
import type { TrainingEvent } from '@pomona/training';
import {
  type DatasetView,
  type Evaluation,
  type ModelView,
  type Random,
  randomBetween,
  seededRandom,
  type TuneResult,
  type TuneTrial,
} from '@pomona/wire';
import { boardLatencyMs, failedGates } from '../domain/gates.ts';
import type { CalibratorRequest } from './calibrate.ts';
import type { JobRun } from './run-job.ts';
import {
  type TrainAndRegisterPorts,
  type TrainAndRegisterRequest,
  type TrainerRequest,
  trainAndRegister,
} from './train-and-register.ts';

type TunedRecipe = TuneTrial['recipe'];

export interface TrialRequest
  extends Omit<TrainerRequest, 'fromWeights' | 'minutes' | 'stopAfter' | 'onEvent' | 'resume'> {
  /** Digest of other splits of the same images; the trial is then judged on their test images. */
  readonly splits?: string;
  /** Which those are, for people. */
  readonly heldOut?: { readonly by: string; readonly value: string };
  readonly onEvent?: (event: TrainingEvent) => void;
}

/** What one run of the training program is asked for that judges only. */
export interface EvaluatorRequest extends Omit<CalibratorRequest, 'run' | 'job' | 'reproduces' | 'onEvent'> {
  readonly split: 'train' | 'validation' | 'test' | 'all';
}

export interface TunePorts extends TrainAndRegisterPorts {
  readonly trainer: TrainAndRegisterPorts['trainer'] & {
    /** What a training comes to on validation, or on the test images of its own splits. It ends there, and leaves nothing. */
    trial(request: TrialRequest): Promise<Evaluation>;
    /** What a model says of images, against their labels. */
    evaluate(request: EvaluatorRequest): Promise<Evaluation>;
    /** Milliseconds of a view by a network that learned nothing, at the size of the dataset's crops. */
    time(request: Pick<TrialRequest, 'dataset' | 'network' | 'signal'>): Promise<number>;
  };
}

export interface TuneSearchPorts extends TunePorts {
  /** The images of a version at a smaller size; itself at its own. */
  resize(dataset: DatasetView, size: number): Promise<DatasetView>;
}

export interface TuneRequest extends Pick<TrainAndRegisterRequest, 'name' | 'seed'> {
  readonly dataset: DatasetView;
  /** One of each is drawn for a trial. */
  readonly networks: readonly string[];
  readonly sizes: readonly number[];
  /** Of macro-F1, that half the time of a view is worth. */
  readonly halfTimeWorth: number;
  readonly trials: number;
  /** For the trials; the training of the winner comes on top. */
  readonly budgetMinutes: number;
  /** Of the shortest trials, and of the winner's training, by default its network's. */
  readonly firstEpochs: number;
  readonly fullEpochs?: number | undefined;
}

export interface Tuned {
  readonly model: ModelView;
  readonly trials: readonly TuneTrial[];
  readonly chosen: TuneTrial;
  readonly why: string;
}

/** What is drawn for a trial. */
type Settings = Pick<TuneTrial, 'trial' | 'network' | 'size' | 'recipe'>;

/**
 * `onTrial` hears of each trial as it ends. Errors: those of training, `dataset-size-unsuited`; one trial at least runs, whatever the
 * budget.
 */
export async function tune(
  ports: TuneSearchPorts,
  request: TuneRequest,
  run: JobRun,
  onTrial: (trial: TuneTrial) => void,
): Promise<Tuned> {
  const { targets } = await ports.project.read();
  const { networks, seed, name, dataset } = request;
  const deadlineMs = ports.clock.monotonicMs() + request.budgetMinutes * 60_000;
  const full = networks.map(
    (network) => request.fullEpochs ?? recipeFor(network, dataset.viewsPerFruit).epochs,
  );
  const datasets = new Map<number, DatasetView>();
  for (const size of request.sizes) datasets.set(size, await ports.resize(dataset, size));
  const candidates: Candidate[] = [];
  for (const network of networks) {
    for (const size of request.sizes) {
      const timed = { dataset: datasets.get(size)!, network, signal: run.signal };
      candidates.push({ network, size, msPerView: await ports.trainer.time(timed) });
    }
  }
  const fastestMs = Math.min(...candidates.map(({ msPerView }) => msPerView));
  let trials: TuneTrial[] = [];
  const tell = (result: TuneResult): Promise<void> => run.setResult(result);
  const isOver = (): boolean => trials.length > 0 && ports.clock.monotonicMs() >= deadlineMs;
  const reached = (): TuneTrial | undefined =>
    trials.find(
      ({ macroF1, msPerView }) =>
        macroF1 >= targets.minMacroF1 && boardLatencyMs(msPerView, targets) <= targets.maxLatencyMs,
    );
  let rung = drawSettings(request, dataset.viewsPerFruit);
  // A trial as long as the full training would leave nothing to gain.
  const most = Math.min(...full);
  for (let epochs = Math.min(request.firstEpochs, most - 1); epochs < most && rung.length > 0; epochs *= 2) {
    const judged: TuneTrial[] = [];
    for (const settings of rung) {
      if (isOver() || reached()) break;
      const { trial, network, size, recipe } = settings;
      const startedMs = ports.clock.monotonicMs();
      await tell({ trials, trying: { trial, network, size, epochs } });
      const { macroF1 } = await ports.trainer.trial({
        ...{ dataset: datasets.get(size)!, network, seed, recipe, epochs },
        run: `tune-${run.id}-${trial}-${epochs}`,
        job: run.id,
        signal: run.signal,
      });
      const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
      const { msPerView } = candidates.find((each) => each.network === network && each.size === size)!;
      const score = macroF1 - request.halfTimeWorth * Math.log2(msPerView / fastestMs);
      const done = { ...settings, epochs, macroF1, msPerView, score, isOnFront: true, seconds };
      judged.push(done);
      trials = withFront([...trials, done]);
      onTrial(done);
      await tell({ trials });
    }
    if (isOver() || reached() || rung.length === 1) break;
    rung = judged.sort(better).slice(0, Math.ceil(judged.length / 2));
  }
  const chosen = reached() ?? [...trials].sort(better)[0];
  if (!chosen) throw new RangeError('tuning needs a trial, and two epochs in full');
  const why = whyChosen(chosen, reached() !== undefined);
  await tell({ trials, chosen, why });
  const { network, size, recipe } = chosen;
  const model = await trainAndRegister(
    ports,
    {
      ...{ dataset: datasets.get(size)!, name, network, seed, recipe, reason: `tuned: ${why}` },
      ...(request.fullEpochs === undefined ? {} : { epochs: request.fullEpochs }),
    },
    run,
  );
  const { version, digest, gates } = model;
  const failed = failedGates(gates ?? []).map((gate) => gate.name);
  await tell({ name, version, digest, failedGates: failed, trials, chosen, why });
  return { model, trials, chosen, why };
}

interface Candidate {
  readonly network: string;
  readonly size: number;
  readonly msPerView: number;
}

/** Of trials of the same settings only the longest stands for them. */
function withFront(trials: readonly TuneTrial[]): TuneTrial[] {
  const isLast = ({ trial }: TuneTrial, at: number) =>
    !trials.slice(at + 1).some((other) => other.trial === trial);
  const standing = trials.filter(isLast);
  const isBeaten = (one: TuneTrial) =>
    standing.some(
      (other) =>
        other.macroF1 >= one.macroF1 &&
        other.msPerView <= one.msPerView &&
        (other.macroF1 > one.macroF1 || other.msPerView < one.msPerView),
    );
  return trials.map((one) => ({ ...one, isOnFront: standing.includes(one) && !isBeaten(one) }));
}

function whyChosen({ network, size, macroF1, msPerView }: TuneTrial, hasReached: boolean): string {
  const what = `${network} at ${size}×${size}, macro-F1 ${macroF1.toFixed(4)} on validation, ${msPerView.toFixed(3)} ms per view`;
  return `${what}: ${hasReached ? 'it meets the targets' : 'the best of all trials, accuracy and speed together'}`;
}

/** Around the catalog's recipes, which were found by hand: the rate by factors, the rest evenly. */
function drawSettings({ networks, sizes, trials, seed }: TuneRequest, viewsPerFruit: number): Settings[] {
  const random = seededRandom(seed, 'tune');
  return Array.from({ length: trials }, (_, at) => {
    // In turns, so that few trials try all of them as well.
    const network = networks[at % networks.length]!;
    const size = sizes[Math.floor(at / networks.length) % sizes.length]!;
    return { trial: at + 1, network, size, recipe: drawRecipe(random, recipeFor(network, viewsPerFruit)) };
  });
}

function drawRecipe(random: Random, { learningRate }: TrainingRecipe): TunedRecipe {
  return {
    learningRate: learningRate * 10 ** randomBetween(random, -0.8, 0.5),
    classBalance: randomBetween(random, 0, 1),
    augmentation: {
      brightness: randomBetween(random, 0, 0.3),
      whiteBalance: randomBetween(random, 0, 0.12),
      gamma: randomBetween(random, 0, 0.2),
    },
  };
}

function better(a: TuneTrial, b: TuneTrial): number {
  return b.score - a.score;
}
