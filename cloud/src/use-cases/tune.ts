/**
 * Random search with successive halving: many short trials, the better half of them for twice as long, and so on; the
 * winner is trained in full and registered. Trials are compared on validation alone: the test split chooses nothing.
 */
import type { TrainingEvent } from '@pomona/training';
import { type Evaluation, type ModelView, type Random, randomBetween, seededRandom } from '@pomona/wire';
import type { CalibratorRequest } from './calibrate.ts';
import type { JobRun } from './run-job.ts';
import {
  type TrainAndRegisterPorts,
  type TrainAndRegisterRequest,
  type TrainerRequest,
  trainAndRegister,
} from './train-and-register.ts';

export interface Trial {
  readonly trial: number;
  readonly recipe: TunedRecipe;
  readonly epochs: number;
  /** On validation. */
  readonly macroF1: number;
  readonly seconds: number;
}

export interface TunedRecipe {
  readonly learningRate: number;
  readonly classBalance: number;
  readonly augmentation: {
    readonly brightness: number;
    readonly whiteBalance: number;
    readonly gamma: number;
  };
}

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
  };
}

export interface TuneRequest extends Pick<TrainAndRegisterRequest, 'dataset' | 'name' | 'network' | 'seed'> {
  readonly trials: number;
  /** For the trials; the training of the winner comes on top. */
  readonly budgetMinutes: number;
  /** Of the shortest trials, and of the winner's training. */
  readonly firstEpochs: number;
  readonly fullEpochs: number;
}

export interface Tuned {
  readonly model: ModelView;
  readonly trials: readonly Trial[];
  readonly chosen: Trial;
  readonly why: string;
}

/** `onTrial` hears of each trial as it ends. Errors: those of training; one trial at least runs, whatever the budget. */
export async function tune(
  ports: TunePorts,
  request: TuneRequest,
  run: JobRun,
  onTrial: (trial: Trial) => void,
): Promise<Tuned> {
  const { targets } = await ports.project.read();
  const deadlineMs = ports.clock.monotonicMs() + request.budgetMinutes * 60_000;
  const trials: Trial[] = [];
  const isOver = (): boolean => trials.length > 0 && ports.clock.monotonicMs() >= deadlineMs;
  const reached = (): Trial | undefined => trials.find(({ macroF1 }) => macroF1 >= targets.minMacroF1);
  const random = seededRandom(request.seed, 'tune');
  let rung = Array.from({ length: request.trials }, (_, at) => ({
    trial: at + 1,
    recipe: drawRecipe(random),
  }));
  // A trial as long as the full training would leave nothing to gain.
  const first = Math.min(request.firstEpochs, request.fullEpochs - 1);
  for (let epochs = first; epochs < request.fullEpochs && rung.length > 0; epochs *= 2) {
    const judged: Trial[] = [];
    for (const { trial, recipe } of rung) {
      if (isOver() || reached()) break;
      const startedMs = ports.clock.monotonicMs();
      const { macroF1 } = await ports.trainer.trial({
        ...{ dataset: request.dataset, network: request.network, seed: request.seed, recipe, epochs },
        run: `tune-${run.id}-${trial}-${epochs}`,
        job: run.id,
        signal: run.signal,
      });
      const seconds = (ports.clock.monotonicMs() - startedMs) / 1000;
      const done = { trial, recipe, epochs, macroF1, seconds };
      judged.push(done);
      trials.push(done);
      onTrial(done);
      await run.setResult({ trials });
    }
    if (isOver() || reached() || rung.length === 1) break;
    rung = judged.sort(better).slice(0, Math.ceil(judged.length / 2));
  }
  const chosen = reached() ?? [...trials].sort(better)[0];
  if (!chosen) throw new RangeError('tuning needs a trial, and two epochs in full');
  const why = `macro-F1 ${chosen.macroF1.toFixed(4)} on validation, ${reached() ? 'which meets the target' : 'the best of all trials'}`;
  const { dataset, name, network, seed, fullEpochs: epochs } = request;
  const model = await trainAndRegister(
    ports,
    { dataset, name, network, seed, epochs, recipe: chosen.recipe },
    run,
  );
  const release = { name: model.name, version: model.version, digest: model.digest };
  await run.setResult({ ...release, trials, chosen, why });
  return { model, trials, chosen, why };
}

/** Around the catalog's recipe, which was found by hand: the rate by factors, the rest evenly. */
function drawRecipe(random: Random): TunedRecipe {
  return {
    learningRate: 0.01 * 10 ** randomBetween(random, -0.8, 0.5),
    classBalance: randomBetween(random, 0, 1),
    augmentation: {
      brightness: randomBetween(random, 0, 0.3),
      whiteBalance: randomBetween(random, 0, 0.12),
      gamma: randomBetween(random, 0, 0.2),
    },
  };
}

function better(a: Trial, b: Trial): number {
  return b.macroF1 - a.macroF1;
}
