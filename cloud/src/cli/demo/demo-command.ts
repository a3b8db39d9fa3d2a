import { type ScenarioName, scenarioNames } from '@pomona/orchard';
import { Command, Option } from 'commander';
import { databaseUrlFrom, databaseUrlOption } from '../database-option.ts';
import { interruptSignal } from '../interrupt.ts';
import { integerOption, jsonOption, numberOption, pathOption } from '../options.ts';
import { createOutput } from '../output.ts';
import { cameraOption } from './camera-option.ts';
import { demoChampion } from './demo-champion.ts';

interface DemoCommandOptions {
  readonly data: string;
  readonly images?: string;
  readonly camera?: string;
  readonly scenario?: ScenarioName;
  readonly seed: number;
  readonly agents: number;
  readonly databaseUrl?: string;
  readonly rate: number;
  readonly fruits?: number;
  readonly once?: true;
  readonly epochs?: number;
  readonly trainingFruits: number;
  readonly labelByTruth?: true;
  readonly json?: true;
}

const fruitsOnce = 240;

export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'everything on this machine: dataset, training, release, control plane, agents, lines, summary',
    )
    .option('--data <folder>', 'where all of it is kept', pathOption, pathOption('.pomona/demo'))
    .option(...databaseUrlOption)
    .option('--images <folder>', 'photographs to learn from, instead of drawn apples', pathOption)
    .option('--camera <source>', 'simulated, or replay:DIR for photographs of turning fruit', cameraOption)
    .addOption(
      new Option(
        '--scenario <name>',
        'what goes wrong on the lines once their usual state is known (500 fruits each, or those of an earlier run): ' +
          'an alert must name it within 3 windows of 100 fruits, else the exit code is 1',
      ).choices([...scenarioNames]),
    )
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31), demoChampion.seed)
    .option('--agents <number>', 'stations', integerOption(1, 16), 2)
    .option('--rate <number>', 'fruits per second on each line', numberOption(0.1, 20), 5)
    .option('--fruits <number>', 'end after so many fruits', integerOption(1, 1_000_000))
    .option(
      '--once',
      `end after ${fruitsOnce} fruits, or when the scenario is judged, unless --fruits says another number`,
    )
    .option('--epochs <number>', 'passes over the dataset in training', integerOption(1, 10_000))
    .option(
      '--training-fruits <number>',
      'fruits to draw for the dataset',
      integerOption(20, 100_000),
      demoChampion.trainingFruits,
    )
    .option('--label-by-truth', 'label the fruit that stations send with what the simulated line knows of it')
    .option(...jsonOption)
    .action(async (options: DemoCommandOptions) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      // Not above: who asks for help should not wait for all of it.
      const { runDemo } = await import('./run-demo.ts');
      const { describeSummary } = await import('./summary.ts');
      const { images, camera, epochs, scenario } = options;
      const isOnce = options.once === true && options.fruits === undefined;
      const fruits = isOnce && scenario === undefined ? fruitsOnce : options.fruits;
      try {
        const { summary, labels } = await runDemo(
          {
            dataFolder: options.data,
            ...databaseUrlFrom(options.databaseUrl),
            ...(images === undefined ? {} : { images }),
            ...(camera === undefined ? {} : { replay: camera }),
            ...(scenario === undefined ? {} : { scenario }),
            ...(fruits === undefined ? {} : { fruits }),
            ...(epochs === undefined ? {} : { epochs }),
            seed: options.seed,
            agents: options.agents,
            fruitsPerSecond: options.rate,
            trainingFruits: options.trainingFruits,
            untilJudged: isOnce && scenario !== undefined,
            labelsByTruth: options.labelByTruth === true,
          },
          output,
          interrupt.signal,
        );
        output.report(summary, describeSummary(summary, labels));
        // Who interrupts it before does not ask.
        if (summary.scenario?.shown === false && !interrupt.signal.aborted) {
          output.say(`${summary.scenario.name} was not shown as ${summary.scenario.expected} on every line`);
          process.exitCode = 1;
        }
      } finally {
        interrupt.dispose();
      }
    });
}
