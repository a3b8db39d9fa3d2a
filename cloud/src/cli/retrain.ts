import type { JobView } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { callServer, findServer } from './running-server.ts';

interface RetrainOptions {
  readonly data: string;
  readonly server?: string;
  readonly model?: string;
  readonly base?: string;
  readonly reason?: string;
  readonly epochs?: number;
  readonly seed?: number;
  readonly json?: true;
}

export function retrainCommand(): Command {
  return new Command('retrain')
    .description('learn from the fruit that people labelled: a new dataset version, a new model version')
    .option(...dataOption)
    .option('--server <url>', 'the control plane, where it does not run on --data')
    .option('--model <name>', 'the model to make a new version of (apples)')
    .option('--base <dataset[@digest]>', 'what the labelled fruit is added to (the model’s own dataset)')
    .option('--reason <reason>', 'only fruit that was sampled for this: uncertain, random or asked')
    .option('--epochs <number>', 'passes over the dataset', integerOption(1, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31))
    .option(...jsonOption)
    .action(async ({ data, server, json, ...request }: RetrainOptions) => {
      const job = await callServer<JobView>(server ?? findServer(data), '/v1/retrain', request);
      createOutput(json === true).report(
        job,
        `job ${job.id} is ${job.state}; the console shows its course under Training`,
      );
    });
}
