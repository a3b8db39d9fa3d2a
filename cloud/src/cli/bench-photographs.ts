/** The benches that need photographs. */
import { standardiseOf } from '@pomona/wire';
import { Command } from 'commander';
import { modelDataOption, underWay } from './bench-under-way.ts';
import {
  type ColourOptions,
  equaliseOption,
  integerOption,
  jsonOption,
  pathOption,
  whiteBalanceOption,
} from './options.ts';

interface SessionsOptions extends ColourOptions {
  readonly images: string;
  readonly seeds: number;
  readonly portraits: number;
  readonly epochs?: number;
  readonly models?: string;
  readonly sheet: string;
  readonly json?: true;
}

export function sessionsCommand(): Command {
  return new Command('sessions')
    .description('real photographs of unseen sessions, graded by a network that learnt from drawn apples')
    .requiredOption('--images <folder>', 'with an index.csv of path, grade and session', pathOption)
    .option('--seeds <number>', 'networks to train; figures are their means', integerOption(1, 20), 3)
    .option('--portraits <number>', 'drawn apples for each', integerOption(100, 200_000), 8_000)
    .option('--epochs <number>', 'instead of those of the recipe', integerOption(1, 1_000))
    .option(...whiteBalanceOption)
    .option(...equaliseOption)
    .option(
      '--models <folder>',
      'keep every network and pairs.csv here, and go on from what is there: for a bench in pieces',
      pathOption,
    )
    .option(
      '--sheet <file>',
      'where a picture of the worst photographs goes',
      pathOption,
      pathOption('worst-sessions.png'),
    )
    .option(...jsonOption)
    .action(({ json, ...options }: SessionsOptions) =>
      underWay(json, async ({ signal, say }) =>
        (await import('./bench-sessions.ts')).benchSessions({
          ...{ ...options, standardise: standardiseOf(options), signal, say },
        }),
      ),
    );
}

interface TurntableOptions {
  readonly images: string;
  readonly views: number;
  readonly data?: string;
  readonly model?: string;
  readonly phone?: string;
  readonly portraits: number;
  readonly epochs?: number;
  readonly seed: number;
  readonly json?: true;
}

export function turntableCommand(): Command {
  return new Command('turntable')
    .description('photographed fruit that rolls down a line, graded as a station does it')
    .requiredOption(
      '--images <folder>',
      'with an index.csv of path, fruit, condition, axis and frame',
      pathOption,
    )
    .option('--views <number>', 'of each fruit', integerOption(2, 40), 8)
    .option(...modelDataOption)
    .option('--model <model>', 'of that folder: NAME for the newest version, NAME@VERSION or NAME@ALIAS')
    .option(
      '--phone <folder>',
      'without --data: what a model that learnt from drawn portraits is calibrated on',
      pathOption,
    )
    .option('--portraits <number>', 'for that model', integerOption(100, 200_000), 8_000)
    .option('--epochs <number>', 'for it, instead of those of the recipe', integerOption(1, 1_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 30), 1)
    .option(...jsonOption)
    .action(({ json, data, model, phone, ...options }: TurntableOptions, command: Command) => {
      if ((data === undefined) === (phone === undefined) || (model !== undefined && data === undefined))
        command.error('error: name a model with --data (and --model), or --phone to calibrate a new one on');
      const from =
        data === undefined
          ? { ...options, photographs: phone! }
          : { data, ...(model === undefined ? {} : { model }) };
      return underWay(json, async ({ signal, output }) =>
        (await import('./bench-turntable.ts')).benchTurntable({ ...options, output, signal }, from),
      );
    });
}
