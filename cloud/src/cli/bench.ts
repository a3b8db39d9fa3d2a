import { readFile } from 'node:fs/promises';
import { networkNames } from '@pomona/catalog';
import type { BenchResult } from '@pomona/training';
import { Command, Option } from 'commander';
import type { BenchAccuracy } from './bench-accuracy.ts';
import { benchAllCommand } from './bench-all.ts';
import type { BenchLine } from './bench-line.ts';
import type { BenchModel, BenchModelRequest } from './bench-model.ts';
import type { BenchOrchard } from './bench-orchard.ts';
import { sessionsCommand, turntableCommand } from './bench-photographs.ts';
import { modelDataOption, underWay } from './bench-under-way.ts';
import { describeBench } from './describe-bench.ts';
import { judgedLines } from './judged-lines.ts';
import { lineModel } from './line-model.ts';
import {
  drawnSizeOption,
  integerOption,
  jsonOption,
  numberOption,
  pathOption,
  transformersOption,
} from './options.ts';
import { createOutput } from './output.ts';

interface TrainBenchOptions {
  readonly seconds?: number;
  readonly steps: number;
  readonly json?: true;
}

/** Each bench is loaded when it runs: who asks for help should not wait for all of them. */
export function benchCommand(): Command {
  const train = new Command('train')
    .description(
      'training images per second, beside PyTorch (where python3 has torch) and TensorFlow.js, and whether memory grows',
    )
    .option('--seconds <number>', 'length of each turn', numberOption(0.5, 600))
    .option('--steps <number>', 'over which memory must not grow; 0 for none', integerOption(0, 1e7), 10_000)
    .option(...jsonOption)
    .action(async ({ seconds, steps, json }: TrainBenchOptions) => {
      const output = createOutput(json === true);
      const { benchTrain } = await import('@pomona/training');
      // It has nothing to clear away, and what it computes cannot be told to stop: Ctrl-C ends it at once.
      const result = await benchTrain({
        steps,
        say: output.say,
        ...(seconds === undefined ? {} : { seconds }),
      });
      output.report(result, describeBench(result));
    });
  const quantize = quantizeCommand();
  const grade = gradeCommand();
  const drift = driftCommand();
  const bench = new Command('bench').description('figures side by side with a peer measured in the same run');
  const benches = [train, quantize, grade, pushCommand(), ingestCommand(), fleetCommand(), drift];
  for (const each of benches) bench.addCommand(each);
  // Not among `all`: two need photographs, two take as long as several others, and one minutes of the whole machine.
  for (const each of [
    sessionsCommand(),
    turntableCommand(),
    orchardCommand(),
    accuracyCommand(),
    lineCommand(),
  ])
    bench.addCommand(each);
  return bench.addCommand(benchAllCommand(benches.map((each) => each.name())));
}

function gradeCommand(): Command {
  return new Command('grade')
    .description('what grading a frame costs beside the bare model, and what others make of the same crops')
    .option(...modelDataOption)
    .option(...transformersOption)
    .option(...jsonOption)
    .action(
      ({
        data,
        transformers,
        json,
      }: {
        readonly data?: string;
        readonly transformers?: string;
        readonly json?: true;
      }) =>
        underWay(json, async ({ signal, output }) => {
          const { benchGrade } = await import('./bench-grade.ts');
          return ofQuantizedModels({ data, output, signal }, (model) =>
            benchGrade(model, signal, transformers),
          );
        }),
    );
}

function pushCommand(): Command {
  return new Command('push')
    .description('a release to one agent and to 200 at once, beside a bare broker, curl and HTTPS')
    .option('--megabytes <number>', 'of the file; it is sent five times each way', integerOption(1, 250), 100)
    .option(...jsonOption)
    .action(({ megabytes, json }: { readonly megabytes: number; readonly json?: true }) =>
      underWay(json, async ({ signal, say }) =>
        (await import('./bench-push.ts')).benchPush(megabytes, signal, say),
      ),
    );
}

interface IngestOptions {
  readonly seconds: number;
  readonly stations: number;
  readonly databaseUrl?: string;
  readonly json?: true;
}

function ingestCommand(): Command {
  return new Command('ingest')
    .description('fruits stored per second from stations to acknowledgement, beside bare inserts')
    .option('--seconds <number>', 'how long is measured', numberOption(1, 600), 10)
    .option('--stations <number>', 'that send as fast as they can', integerOption(1, 200), 16)
    .option('--database-url <url>', 'also measure on this PostgreSQL database, which must be empty')
    .option(...jsonOption)
    .action(({ json, ...options }: IngestOptions) =>
      underWay(json, async ({ signal, say }) =>
        (await import('./bench-ingest.ts')).benchIngest({ ...options, signal, say }),
      ),
    );
}

interface FleetOptions {
  readonly stations: number;
  readonly seconds: number;
  readonly json?: true;
}

function fleetCommand(): Command {
  return new Command('fleet')
    .description('many stations: connecting, a release for all, telemetry kept')
    .option('--stations <number>', 'how many', integerOption(1, 5_000), 500)
    .option('--seconds <number>', 'how long they grade', numberOption(0.5, 600), 8)
    .option(...jsonOption)
    .action(({ json, ...options }: FleetOptions) =>
      underWay(json, async ({ signal, say }) =>
        (await import('./bench-fleet.ts')).benchFleet({ ...options, signal, say }),
      ),
    );
}

function lineCommand(): Command {
  const every = (what: string) => [`every so many seconds ${what}`, numberOption(5, 3_600)] as const;
  return new Command('line')
    .description(
      'an agent at full rate for minutes: missed deadlines, latency, memory, pauses, fruit lost; how soon it grades, its size',
    )
    .option(
      '--data <folder>',
      'take the newest models of a copy of this data folder instead of training them',
      pathOption,
    )
    .option('--minutes <number>', 'how long is measured', numberOption(0.2, 1_440), 1)
    .option('--lanes <number>', 'of the belt', integerOption(1, 8), 4)
    .option('--rate <number>', 'fruits per second of each lane', numberOption(0.5, 20), 12)
    .option('--views <number>', 'of each fruit', integerOption(3, 16), 8)
    .option('--flap-s <seconds>', ...every('the network is away for 4 s'))
    .option('--restart-s <seconds>', ...every('the control plane and its broker are started again'))
    .option('--kill-camera-s <seconds>', ...every('the camera’s program is killed'))
    .option('--fill-disk-s <seconds>', ...every('the disk of --agent-data is full for 10 s'))
    .option(
      '--agent-data <folder>',
      'where the agent keeps its data: on a small disk of its own, if that is to be filled',
      pathOption,
    )
    .option('--swaps <number>', 'releases that are swapped, spread over the time', integerOption(0, 1_000), 0)
    .option(...jsonOption)
    .action(({ json, ...options }: Omit<BenchLine, 'output' | 'signal'> & { readonly json?: true }) =>
      underWay(json, async ({ signal, output }) =>
        (await import('./bench-line.ts')).benchLine({ ...options, signal, output }),
      ),
    );
}

interface AccuracyOptions extends Omit<BenchAccuracy, 'output' | 'signal' | 'scenarios'> {
  readonly scenario: readonly string[];
  readonly json?: true;
}

function accuracyCommand(): Command {
  return new Command('accuracy')
    .description('fruit of a fast drawn line as a station grades it, beside the truth, for each scenario')
    .option(
      '--data <folder>',
      `take a model of this data folder instead of training ${lineModel.network} on ${lineModel.fruits} drawn fruits`,
      pathOption,
    )
    .option('--model <model>', 'of that folder: NAME for the newest version, NAME@VERSION or NAME@ALIAS')
    .option('--recipe <file>', 'grade by this one, instead of the model’s', pathOption)
    .option('--fruits <number>', 'of each scenario, on all lines', integerOption(20, 100_000), 3_000)
    .option('--lines <number>', 'of other lamps and belts, for each scenario', integerOption(1, 20), 3)
    .addOption(
      new Option('--scenario <name...>', 'these instead of all').choices(judgedLines).default(judgedLines),
    )
    .option('--rate <number>', 'fruits per second of each of two lanes', numberOption(0.5, 20), 10)
    .option('--touching <share>', 'of the fruit touches the one before it', numberOption(0, 0.9), 0.3)
    .option('--views <number>', 'of each fruit', integerOption(3, 16), 8)
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 30), 7)
    .option(...jsonOption)
    .action(({ json, scenario, ...options }: AccuracyOptions, command: Command) => {
      if (options.model !== undefined && options.data === undefined)
        command.error('error: --model names one of a folder: give that with --data');
      return underWay(json, async ({ signal, output }) =>
        (await import('./bench-accuracy.ts')).benchAccuracy({
          ...options,
          ...{ scenarios: scenario, output, signal },
        }),
      );
    });
}

interface OrchardOptions extends Omit<BenchOrchard, 'output' | 'signal'> {
  readonly json?: true;
}

function orchardCommand(): Command {
  return new Command('orchard')
    .description('what a network learns from drawn apples in what time, judged on seeds that it never saw')
    .addOption(
      new Option('--network <name>', 'from the catalog')
        .choices([...networkNames])
        .default(lineModel.network),
    )
    .option(
      '--fruits <number>',
      'to learn from, of 8 views each',
      integerOption(100, 100_000),
      lineModel.fruits,
    )
    .option('--unseen <number>', 'to judge by, of each of two seeds', integerOption(20, 100_000), 2_000)
    .option('--size <pixels>', 'side of their crops', drawnSizeOption, lineModel.size)
    .option('--epochs <number>', 'how often it sees each of them', integerOption(1, 1_000), lineModel.epochs)
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 30), 1)
    .option(...jsonOption)
    .action(({ json, ...options }: OrchardOptions) =>
      underWay(json, async ({ signal, output }) =>
        (await import('./bench-orchard.ts')).benchOrchard({ ...options, signal, output }),
      ),
    );
}

interface ModelOptions {
  readonly data?: string;
  readonly json?: true;
}

function quantizeCommand(): Command {
  return new Command('quantize')
    .description('the int8 variant of a model beside its fp32, of the networks that learn from drawn lines')
    .option(...modelDataOption)
    .option(...jsonOption)
    .action(({ data, json }: ModelOptions) =>
      underWay(json, ({ signal, output }) =>
        ofQuantizedModels({ data, output, signal, byRecipe: true }, quantizeBench),
      ),
    );
}

/** Of the newest model of a data folder; without a folder, of one of each network of the catalog. */
async function ofQuantizedModels(
  request: Pick<BenchModelRequest, 'data' | 'output' | 'signal' | 'byRecipe'>,
  bench: (model: BenchModel) => Promise<BenchResult>,
): Promise<BenchResult> {
  const { benchNetworks, withBenchModel } = await import('./bench-model.ts');
  const results: BenchResult[] = [];
  for (const network of request.data === undefined ? benchNetworks : [undefined]) {
    const each = { ...request, anyModel: false, ...(network && { network }) };
    results.push(await withBenchModel(each, bench));
  }
  return { ...results[0]!, rows: results.flatMap(({ rows }) => rows) };
}

function driftCommand(): Command {
  return new Command('drift')
    .description('what statistics cost, and how soon drift is seen on drawn lines')
    .option(...modelDataOption)
    .option(...jsonOption)
    .action(({ data, json }: ModelOptions) =>
      underWay(json, async ({ signal, output }) => {
        const { withBenchModel } = await import('./bench-model.ts');
        const { benchDrift } = await import('./bench-drift.ts');
        return withBenchModel({ data, output, signal, anyModel: true }, (model) => benchDrift(model, signal));
      }),
    );
}

async function quantizeBench({ manifest, files, datasetFolder }: BenchModel): Promise<BenchResult> {
  const read = async (variant: string) => Uint8Array.from(await readFile(files.get(variant)!));
  const models = { fp32: await read('fp32'), int8: await read('int8') };
  const { benchQuantize } = await import('@pomona/training');
  const { network, parameters } = manifest;
  return benchQuantize({ network, datasetFolder, models, views: Number(parameters.views) });
}
