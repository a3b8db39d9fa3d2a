import { type SampleReason, sampleReasons, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { freezingPorts } from '../adapters/dataset/freezing-ports.ts';
import { freezeLabelled } from '../use-cases/freeze-samples.ts';
import { describeDataset } from './describe-dataset.ts';
import { findDataset } from './find-dataset.ts';
import { dataOption, instantOption, integerOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface FreezeOptions {
  readonly data: string;
  readonly model: string;
  readonly reason?: SampleReason;
  readonly labelsAt?: string;
  readonly seed: number;
  readonly json?: true;
}

export function freezeCommand(): Command {
  return new Command('freeze')
    .description('a dataset and the fruit of the stations that people labelled, as a new version of it')
    .argument('<dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--model <name>', 'only fruit that this model graded', 'apples')
    .addOption(
      new Option('--reason <reason>', 'only fruit that was sampled for this').choices([...sampleReasons]),
    )
    .option(
      '--labels-at <instant>',
      'the labels that held then, like 2026-10-14T10:00 (those that hold now)',
      instantOption,
    )
    .option('--seed <number>', 'fixes the split of the new fruit', integerOption(0, 2 ** 31), 1)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, { data, model, reason, labelsAt, seed, json }: FreezeOptions) => {
      const view = await withRegistry(data, async ({ datasets, samples, models }) => {
        const ports = { ...freezingPorts(data, systemClock), datasets, samples, models };
        const query = { model, ...(reason === undefined ? {} : { reason }) };
        return freezeLabelled(ports, await findDataset(datasets, reference), { query, labelsAt, seed });
      });
      createOutput(json === true).report(view, describeDataset(view));
    });
}
