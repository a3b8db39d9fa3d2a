import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { type Trial, tune } from '../use-cases/tune.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface TuneOptions {
  readonly data: string;
  readonly dataset: string;
  readonly name: string;
  readonly budgetMinutes: number;
  readonly trials: number;
  readonly firstEpochs: number;
  readonly epochs: number;
  readonly seed: number;
  readonly json?: true;
}

export function tuneCommand(): Command {
  return new Command('tune')
    .description(
      'try settings of training within a budget, choose on validation, train and register the best',
    )
    .requiredOption('--dataset <dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--name <model>', 'the model that gets a new version', 'apples')
    .option('--budget-minutes <number>', 'begin no trial after this time', numberOption(0.01, 10_000), 10)
    .option('--trials <number>', 'settings to try', integerOption(1, 1_000), 8)
    .option('--first-epochs <number>', 'of the shortest trials', integerOption(1, 1_000), 4)
    .option('--epochs <number>', 'of the full training', integerOption(2, 10_000), 36)
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31), 1)
    .option(...dataOption)
    .option(...jsonOption)
    .action(runTune);
}

async function runTune(options: TuneOptions): Promise<void> {
  const output = createOutput(options.json === true);
  const interrupt = interruptSignal();
  try {
    const tuned = await withRegistry(options.data, async (registry) => {
      const { name, digest } = await findDataset(registry.datasets, options.dataset);
      const { trials, budgetMinutes, firstEpochs, seed, epochs: fullEpochs } = options;
      const settings = { trials, budgetMinutes, firstEpochs, fullEpochs, seed };
      const request = { dataset: { name, digest }, name: options.name, network: 'sequential', ...settings };
      return runNewJob(
        { jobs: registry.jobs, clock: systemClock },
        { kind: 'tune', actor: 'local', request },
        interrupt.signal,
        (run) =>
          tune(localTraining(options.data, registry, systemClock), request, run, (trial) =>
            output.say(rowOf(trial).join('  ')),
          ),
      );
    });
    const { model, chosen, why } = tuned;
    const head = [
      'trial',
      'epochs',
      'macro-F1',
      'rate',
      'balance',
      'brightness',
      'white',
      'gamma',
      'seconds',
    ];
    output.report(
      tuned,
      [
        table(head, tuned.trials.map(rowOf)),
        `chose trial ${chosen.trial}: ${why}`,
        `${model.name}@${model.version}  ${model.digest}`,
        describeEvaluation(model),
      ].join('\n'),
    );
  } finally {
    interrupt.dispose();
  }
}

function rowOf({ trial, epochs, macroF1, recipe, seconds }: Trial): (string | number)[] {
  const { brightness, whiteBalance, gamma } = recipe.augmentation;
  const figures = [macroF1, recipe.learningRate, recipe.classBalance, brightness, whiteBalance, gamma];
  return [trial, epochs, ...figures.map((value) => value.toFixed(4)), seconds.toFixed(1)];
}
