import { networkNames } from '@pomona/catalog';
import { counted, type DatasetView, systemClock, type TuneTrial } from '@pomona/wire';
import { Command, Option } from 'commander';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { localTraining } from '../adapters/local-training.ts';
import { resizeDataset } from '../use-cases/resize-dataset.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { tune } from '../use-cases/tune.ts';
import { tuneDefaults, tuneRequestOf } from '../use-cases/tune-request.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { describeVerdict } from './model-aliases.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface TuneOptions {
  readonly data: string;
  readonly dataset: string;
  readonly name: string;
  readonly networks: string[];
  readonly sizes?: number[];
  readonly halfTimeWorth: number;
  readonly budgetMinutes: number;
  readonly trials: number;
  readonly firstEpochs: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly json?: true;
}

const settingNames = ['rate', 'balance', 'brightness', 'white', 'gamma'];
const sizeOption = integerOption(16, 512);
const sizesOption = (text: string, before: readonly number[] = []) => [...before, sizeOption(text)];

export function tuneCommand(): Command {
  return new Command('tune')
    .description(
      'try networks, sizes and settings of training within a budget, choose by accuracy on validation and by speed, train and register the best',
    )
    .requiredOption('--dataset <dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--name <model>', 'the model that gets a new version', 'apples')
    .addOption(
      new Option('--networks <names...>', 'from the catalog, to choose from')
        .choices([...networkNames])
        .default([...tuneDefaults.networks]),
    )
    .option(
      '--sizes <pixels...>',
      'sides of the crops to choose from, at most the dataset’s (its own, two thirds, and half of it)',
      sizesOption,
    )
    .option(
      '--half-time-worth <number>',
      'of macro-F1, for a network that takes half the time of a view',
      numberOption(0, 1),
      tuneDefaults.halfTimeWorth,
    )
    .option(
      '--budget-minutes <number>',
      'begin no trial after this time',
      numberOption(0.01, 10_000),
      tuneDefaults.budgetMinutes,
    )
    .option('--trials <number>', 'settings to try', integerOption(1, 1_000), tuneDefaults.trials)
    .option(
      '--first-epochs <number>',
      'of the shortest trials',
      integerOption(1, 1_000),
      tuneDefaults.firstEpochs,
    )
    .option('--epochs <number>', 'of the full training (the network’s recipe)', integerOption(2, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31), tuneDefaults.seed)
    .option(...dataOption)
    .option(...jsonOption)
    .action(runTune);
}

async function runTune(options: TuneOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const interrupt = interruptSignal();
  try {
    const tuned = await withRegistry(options.data, async (registry) => {
      const dataset = await findDataset(registry.datasets, options.dataset);
      const { data: _, json: __, ...order } = options;
      const request = tuneRequestOf(order, dataset);
      const resizing = { ...freezingPorts(options.data, systemClock), datasets: registry.datasets };
      const ports = {
        ...localTraining(options.data, registry, systemClock),
        resize: (of: DatasetView, size: number) => resizeDataset(resizing, of, size),
      };
      return runNewJob(
        { jobs: registry.jobs, clock: systemClock },
        { kind: 'tune', actor: localActor(), request },
        interrupt.signal,
        (run) => tune(ports, request, run, (trial) => output.say(lineOf(trial))),
      );
    });
    const { model, chosen, why } = tuned;
    const head = [
      'trial',
      'network',
      'size',
      'epochs',
      'macro-F1',
      'ms/view',
      'score',
      ...settingNames,
      'seconds',
      'front',
    ];
    output.report(
      tuned,
      [
        table(head, tuned.trials.map(rowOf)),
        `chose trial ${chosen.trial}: ${why}`,
        `${model.name}@${model.version}  ${model.digest}`,
        describeEvaluation(model),
        describeVerdict(model),
      ].join('\n'),
    );
  } finally {
    interrupt.dispose();
  }
}

/** Of a trial that has just ended: which of them are on the front is known at the end. */
export function lineOf({ trial, network, size, epochs, macroF1, msPerView, seconds }: TuneTrial): string {
  const passes = counted(epochs, 'epoch');
  return `trial ${trial}: ${network} at ${size}×${size}, ${passes}: macro-F1 ${macroF1.toFixed(4)} on validation, ${msPerView.toFixed(3)} ms per view, ${seconds.toFixed(1)} s`;
}

function rowOf(of: TuneTrial): (string | number)[] {
  const { brightness, whiteBalance, gamma } = of.recipe.augmentation;
  const settings = [of.recipe.learningRate, of.recipe.classBalance, brightness, whiteBalance, gamma];
  const figures = [of.macroF1, of.msPerView, of.score, ...settings].map((value) => value.toFixed(4));
  const { trial, network, size, epochs, seconds, isOnFront } = of;
  return [trial, network, size, epochs, ...figures, seconds.toFixed(1), isOnFront ? '*' : ''];
}
