/** The training program; see `domain/training-protocol.ts` for what it says and leaves behind. */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import {
  changeRecipe,
  defaultNetworkName,
  defaultRecipe,
  fineTuneChanges,
  networkNamed,
  networkNames,
  recipeFor,
  type TrainingRecipe,
} from '@pomona/catalog';
import { type EngineChoice, engineChoices, isAppError, systemClock } from '@pomona/wire';
import { ArtifactFolder } from './adapters/artifact-folder.ts';
import { CheckpointFile } from './adapters/checkpoint-file.ts';
import { readDatasetFolder, readKnowledge } from './adapters/dataset-folder.ts';
import { type Dataset, type Split, splits, withSplits } from './domain/dataset.ts';
import { trainingError } from './domain/errors.ts';
import { type Calibration, uncalibrated } from './domain/score-calibration.ts';
import type { TrainingEvent } from './domain/training-protocol.ts';
import type { Rival } from './use-cases/hold-against.ts';

const usage = `usage: main.js --dataset DIR --out DIR [options]
  --network NAME        one of ${networkNames.join(', ')} (${defaultNetworkName})
  --epochs N            (${defaultRecipe.epochs}; like all defaults here that of sequential, compact has some of its own); 0, with --from: learn nothing, finish it anew
  --batch N             images per step (${defaultRecipe.batchImages})
  --learning-rate X     peak (${defaultRecipe.learningRate})
  --views N             views of a fruit in one step (those of the dataset, at most ${defaultRecipe.viewsMax})
  --view-weight X       weight of single views' own loss beside the fruit's, where their grades are known (${defaultRecipe.viewWeight})
  --patience N          stop after N epochs without a better validation loss (0: never)
  --minutes X           start no epoch after this time (no limit)
  --recipe JSON         settings of the recipe that differ; the options above win
  --from FILE           go on from the weights of an earlier run, in small steps
  --against JSON        hold what comes of it against other weights on the test split, more than once if need be: {"model": {"name", "version"},
                        "network", "labels", "weights": FILE, "before": as below, "dataset": the folder of what they learned from}
  --checkpoint FILE     keep here every few seconds, after an epoch, where the training stands, and go on from what is there; gone when it is done
  --stop-after N        end after N epochs, with the rates of all of them
  --splits FILE         JSON: the split of each image instead of the dataset's, or "none"
  --seed N              (1)
  --engine NAME         what learns: onnx; tensorflow, which is @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node as installed; auto is onnx (auto)
  --evaluate SPLIT      learn nothing and write nothing: judge --from on train, validation, test or all of the dataset
  --time                learn nothing and write nothing: how long a view takes the network
  --calibrate           learn nothing: fit the probabilities of --from to the dataset's images. With both go
  --labels A,B,…        the grades in the model's order (the dataset's); with --from, too, where the dataset must have the same ones
  --before JSON         the calibration that the model had, {"scale": 1, "shift": [0, …]} (none)
`;

interface Arguments {
  readonly dataset: string;
  readonly out: string;
  readonly network: string;
  readonly recipeOf: (dataset: Pick<Dataset, 'viewsPerFruit'>) => TrainingRecipe;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly from: string | undefined;
  readonly against: readonly Against[];
  readonly checkpoint: string | undefined;
  readonly views: number | undefined;
  readonly minutes: number | undefined;
  readonly stopAfter: number | undefined;
  readonly splits: string | undefined;
  readonly evaluate: Split | 'all' | undefined;
  readonly time: boolean;
  readonly calibrate: boolean;
  /** Both of `--from`, where nothing is learned. */
  readonly labels: readonly string[] | undefined;
  readonly before: Calibration;
}

/** A rival and the files that it is read from. */
type Against = Omit<Rival, 'weights' | 'knowledge'> & { readonly weights: string; readonly dataset?: string };

const exitCodes = { done: 0, failed: 1, usage: 2, cancelled: 130 } as const;

async function main(): Promise<void> {
  const given = argumentsOf(process.argv.slice(2));
  if (typeof given === 'string') {
    process.stderr.write(`${given}\n${usage}`);
    process.exitCode = exitCodes.usage;
    return;
  }
  const folder = new ArtifactFolder(given.out);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    // More than once: a second signal while the first is heard would end it with files left behind.
    process.on(signal, () => {
      folder.discard();
      process.exit(exitCodes.cancelled);
    });
  }
  try {
    await run(given, folder);
  } catch (error) {
    if (!isAppError(error)) throw error;
    folder.discard();
    say({ type: 'failed', code: error.code, message: error.message, hint: error.hint });
    process.exitCode = exitCodes.failed;
  }
}

async function run(given: Arguments, folder: ArtifactFolder): Promise<void> {
  if (given.evaluate === undefined && !given.time) folder.prepare();
  const network = networkNamed(given.network)!;
  const stored = await readDatasetFolder(given.dataset);
  const dataset = given.splits === undefined ? stored : withSplits(stored, await readSplits(given.splits));
  if (given.time) {
    const { timeOnce } = await import('./adapters/time-once.ts');
    return say({ type: 'timed', msPerView: await timeOnce(stored, network, systemClock) });
  }
  const weights = given.from === undefined ? undefined : await readWeights(given.from);
  const common = { dataset, network, clock: systemClock, report: say };
  const { labels = dataset.labels, before } = given;
  const rivals = await Promise.all(given.against.map(rivalOf));
  const checkpoint = given.checkpoint === undefined ? undefined : new CheckpointFile(given.checkpoint);
  // TensorFlow.js and ONNX Runtime take a second to load, which nobody needs to wait for who is told of a mistake.
  const { calibrateOnce } = await import('./adapters/calibrate-once.ts');
  const { trainOnce } = await import('./adapters/train-once.ts');
  const { trainingEnvironment } = await import('./adapters/training-environment.ts');
  const { learningEngine } = await import('./adapters/learning-engine.ts');
  // pnpm runs scripts in the repository's root; a person installs where they stand.
  const engine = learningEngine(given.engine, process.env.INIT_CWD ?? process.cwd());
  say({ type: 'environment', environment: trainingEnvironment(engine) });
  if (given.evaluate !== undefined) {
    const { evaluateOnce } = await import('./adapters/evaluate-once.ts');
    const judging = {
      dataset,
      network,
      labels,
      weights: weights!,
      calibration: before,
      split: given.evaluate,
    };
    return say({ type: 'measured', evaluation: await evaluateOnce(judging) });
  }
  const { summary, files } = !given.calibrate
    ? await trainOnce({
        ...common,
        ...{ labels, rivals },
        ...{ recipe: given.recipeOf(dataset), seed: given.seed, engine },
        ...(checkpoint === undefined ? {} : { checkpoint }),
        ...(given.views === undefined ? {} : { views: given.views }),
        ...(weights === undefined ? {} : { weights }),
        ...(given.stopAfter === undefined ? {} : { stopAfter: given.stopAfter }),
        ...(given.minutes === undefined ? {} : { budgetMs: given.minutes * 60_000 }),
      })
    : await calibrateOnce({
        ...common,
        ...{ weights: weights!, before, labels },
      });
  await folder.write(files);
  await checkpoint?.remove();
  say({ type: 'done', summary });
}

async function rivalOf({ weights, dataset, ...rest }: Against): Promise<Rival> {
  return {
    ...rest,
    weights: await readWeights(weights),
    ...(dataset === undefined ? {} : { knowledge: await readKnowledge(dataset) }),
  };
}

async function readSplits(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw trainingError('splits-unsuited', `cannot read ${path}`, error);
  }
}

async function readWeights(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw trainingError('weights-unreadable', `cannot read ${path}`, error);
  }
}

function say(event: TrainingEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** The arguments, or what is wrong with them. */
function argumentsOf(args: readonly string[]): Arguments | string {
  const text = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        dataset: text,
        out: text,
        network: { ...text, default: defaultNetworkName },
        epochs: text,
        batch: text,
        'learning-rate': text,
        views: text,
        'view-weight': text,
        patience: text,
        minutes: text,
        'stop-after': text,
        splits: text,
        evaluate: text,
        recipe: text,
        from: text,
        against: { ...text, multiple: true, default: [] },
        checkpoint: text,
        seed: text,
        engine: { ...text, default: 'auto' },
        time: { type: 'boolean', default: false },
        calibrate: { type: 'boolean', default: false },
        labels: text,
        before: text,
      },
    });
    if (!values.dataset || !values.out) return '--dataset and --out are needed';
    if ((values.calibrate || values.evaluate) && !values.from)
      return '--calibrate and --evaluate need --from';
    if (values.engine !== 'auto' && (values.calibrate || values.evaluate))
      return '--engine is what learns, and --calibrate and --evaluate learn nothing';
    if (!networkNamed(values.network)) return `no network called "${values.network}"`;
    const changes: unknown = JSON.parse(values.recipe ?? '{}');
    const recipeOf = ({ viewsPerFruit }: Pick<Dataset, 'viewsPerFruit'>): TrainingRecipe => {
      const own = recipeFor(values.network, viewsPerFruit);
      const start = values.from === undefined ? own : changeRecipe(own, fineTuneChanges);
      const base = changeRecipe(start, changes);
      return {
        ...base,
        epochs: whole(values.epochs, '--epochs', values.from === undefined ? 1 : 0) ?? base.epochs,
        batchImages: whole(values.batch, '--batch', 1) ?? base.batchImages,
        learningRate: above0(values['learning-rate'], '--learning-rate') ?? base.learningRate,
        viewWeight: least0(values['view-weight'], '--view-weight') ?? base.viewWeight,
        patienceEpochs: whole(values.patience, '--patience', 0) ?? base.patienceEpochs,
      };
    };
    // What is wrong with a recipe is wrong on any dataset, and said before one is read.
    recipeOf({ viewsPerFruit: 1 });
    return {
      dataset: values.dataset,
      out: values.out,
      network: values.network,
      recipeOf,
      seed: whole(values.seed, '--seed', 0) ?? 1,
      engine: oneOf(values.engine, engineChoices, '--engine'),
      views: whole(values.views, '--views', 1),
      from: values.from,
      against: values.against.map(againstOf),
      checkpoint: values.checkpoint,
      minutes: above0(values.minutes, '--minutes'),
      stopAfter: whole(values['stop-after'], '--stop-after', 1),
      splits: values.splits,
      evaluate:
        values.evaluate === undefined
          ? undefined
          : oneOf(values.evaluate, [...splits, 'all' as const], '--evaluate'),
      time: values.time,
      calibrate: values.calibrate,
      labels: values.labels?.split(','),
      before: calibrationOf(values.before),
    };
  } catch (error) {
    // Node's own parser throws TypeErrors, our checks below RangeErrors: all of them are the user's.
    if (error instanceof TypeError || error instanceof RangeError) return error.message;
    if (error instanceof SyntaxError) return '--recipe and --before must be JSON';
    throw error;
  }
}

function oneOf<T extends string>(text: string, known: readonly T[], name: string): T {
  const found = known.find((each) => each === text);
  if (found === undefined) throw new RangeError(`${name} must be one of ${known.join(', ')}`);
  return found;
}

function againstOf(json: string): Against {
  const { model, network, labels, weights, before, dataset } = JSON.parse(json);
  const found = networkNamed(network);
  if (!found || !Array.isArray(labels) || typeof weights !== 'string' || typeof model?.version !== 'number')
    throw new RangeError('--against must have "model", a "network" of the catalog, "labels" and "weights"');
  return { model, network: found, labels, weights, calibration: checkedCalibration(before), dataset };
}

function calibrationOf(text: string | undefined): Calibration {
  return text === undefined ? uncalibrated : checkedCalibration(JSON.parse(text));
}

function checkedCalibration(given: unknown): Calibration {
  const { scale, shift } = (given ?? {}) as Partial<Calibration>;
  if (typeof scale !== 'number' || !Array.isArray(shift) || !shift.every(Number.isFinite))
    throw new RangeError('--before must have a number "scale" and a list of numbers "shift"');
  return { scale, shift };
}

function whole(text: string | undefined, name: string, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < min)
    throw new RangeError(`${name} must be a whole number from ${min}`);
  return value;
}

function least0(text: string | undefined, name: string): number | undefined {
  return text !== undefined && Number(text) === 0 ? 0 : above0(text, name);
}

function above0(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`${name} must be a number above 0`);
  return value;
}

await main();
