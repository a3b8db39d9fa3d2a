import { systemClock } from '@pomona/wire';
import { Command } from 'commander';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { resizeDataset } from '../use-cases/resize-dataset.ts';
import { describeDataset } from './describe-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface ResizeOptions {
  readonly data: string;
  readonly size: number;
  readonly json?: true;
}

export function resizeCommand(): Command {
  return new Command('resize')
    .description('the images of a dataset at a smaller size, with the same labels and splits, as NAME-SIZE')
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .requiredOption('--size <pixels>', 'side of the images', integerOption(16, 512))
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, { data, size, json }: ResizeOptions) => {
      const view = await withRegistry(data, async ({ datasets }) => {
        const ports = { ...freezingPorts(data, systemClock), datasets };
        return resizeDataset(ports, await findDataset(datasets, reference), size);
      });
      createOutput(json === true).report(view, describeDataset(view));
    });
}
