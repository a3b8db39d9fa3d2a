import { readFile } from 'node:fs/promises';
import { type BenchResult, benchQuantize, benchTrain } from '@pomona/training';
import { Command } from 'commander';
import { benchDrift } from './bench-drift.ts';
import { benchGrade } from './bench-grade.ts';
import { type BenchModel, withBenchModel } from './bench-model.ts';
import { jsonOption, numberOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';

interface BenchOptions {
  readonly seconds?: number;
  readonly json?: true;
}

export function benchCommand(): Command {
  const train = new Command('train')
    .description('training images per second, beside PyTorch (where python3 has torch) and TensorFlow.js')
    .option('--seconds <number>', 'length of each turn', numberOption(0.5, 600))
    .option(...jsonOption)
    .action(async (options: BenchOptions) => {
      const { seconds } = options;
      const result = await benchTrain(seconds === undefined ? {} : { seconds });
      createOutput(options.json === true).report(result, describeBench(result));
    });
  const quantize = modelBench('quantize', 'the int8 variant of a model beside its fp32', quantizeBench);
  const grade = modelBench('grade', 'what grading a frame costs beside the bare model', benchGrade);
  const drift = modelBench(
    'drift',
    'what statistics cost, and how soon drift is seen on drawn lines',
    benchDrift,
    true,
  );
  return new Command('bench')
    .description('figures side by side with a peer measured in the same run')
    .addCommand(train)
    .addCommand(quantize)
    .addCommand(grade)
    .addCommand(drift);
}

function modelBench(
  name: string,
  description: string,
  run: (model: BenchModel) => Promise<BenchResult>,
  anyModel = false,
) {
  return new Command(name)
    .description(description)
    .option(
      '--data <folder>',
      'take the newest model of this data folder instead of training one',
      pathOption,
    )
    .option(...jsonOption)
    .action(async (options: { readonly data?: string; readonly json?: true }) => {
      const output = createOutput(options.json === true);
      const result = await withBenchModel(options.data, output, run, anyModel);
      output.report(result, describeBench(result));
    });
}

async function quantizeBench({ manifest, files, datasetFolder }: BenchModel): Promise<BenchResult> {
  const read = async (variant: string) => Uint8Array.from(await readFile(files.get(variant)!));
  const models = { fp32: await read('fp32'), int8: await read('int8') };
  return benchQuantize({ datasetFolder, models, views: Number(manifest.parameters.views) });
}

function describeBench(result: BenchResult): string {
  return [
    `bench ${result.bench} on ${result.machine}`,
    table(
      ['', 'value', 'unit', 'peer', 'peer value', 'ratio'],
      result.rows.map((row) => [
        row.name,
        figure(row.value),
        row.unit,
        row.peer ?? '-',
        row.peerValue === null ? '-' : figure(row.peerValue),
        row.ratio === null ? '-' : row.ratio.toFixed(2),
      ]),
    ),
  ].join('\n');
}

function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
