import type { JobView } from '@pomona/wire';
import { Command } from 'commander';
import { dataOption, integerOption, jsonOption } from './options.ts';
import { createOutput } from './output.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';

interface RetrainOptions extends ServerOptions {
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
    .option(...serverOption)
    .option(...tokenOption)
    .option('--model <name>', 'the model to make a new version of (apples)')
    .option('--base <dataset[@digest]>', 'what the labelled fruit is added to (the model’s own dataset)')
    .option('--reason <reason>', 'only fruit that was sampled for this: uncertain, random or asked')
    .option('--epochs <number>', 'passes over the dataset', integerOption(1, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31))
    .option(...jsonOption)
    .action(async ({ data, server, token, json, ...request }: RetrainOptions) => {
      const where = serverOf({ data, ...(server && { server }), ...(token && { token }) });
      const job = await callServer<JobView>(where, '/v1/retrain', request);
      createOutput(json === true).report(
        job,
        `job ${job.id} is ${job.state}; the console shows its course under Training`,
      );
    });
}
