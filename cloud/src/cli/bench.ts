import { type BenchResult, benchTrain } from '@pomona/training';
import { Command } from 'commander';
import { jsonOption, numberOption } from './options.ts';
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
  return new Command('bench')
    .description('figures side by side with a peer measured in the same run')
    .addCommand(train);
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
