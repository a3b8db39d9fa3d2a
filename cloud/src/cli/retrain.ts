import type { JobView, RetrainRequest, StationQuery } from '@pomona/wire';
import { Command, Option } from 'commander';
import { dataOption, instantOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput } from './output.ts';
import { whereOption } from './rollout.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';
import { type ShadowOptions, shadowOf, withShadowOptions } from './shadow-options.ts';

interface RetrainOptions extends ServerOptions, ShadowOptions {
  readonly model?: string;
  readonly base?: string;
  readonly reason?: string;
  readonly labelsAt?: string;
  readonly epochs?: number;
  readonly seed?: number;
  /** False with `--no-rollout`. */
  readonly rollout: boolean;
  readonly where?: StationQuery;
  readonly canary?: number;
  readonly soak?: number;
  readonly json?: true;
}

export function retrainCommand(): Command {
  return withShadowOptions(retrainOnly())
    .option('--no-shadow', 'without such a phase, whatever the project’s target retrainShadow says')
    .action(start);
}

function retrainOnly(): Command {
  return new Command('retrain')
    .description(
      'learn from the fruit that people labelled: a new dataset version, a new model version, its rollout',
    )
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option('--model <name>', 'the model to make a new version of (apples)')
    .option('--base <dataset[@digest]>', 'what the labelled fruit is added to (the model’s own dataset)')
    .option(
      '--reason <reason>',
      'only fruit that was sampled for this: uncertain, random, asked or disagreeing',
    )
    .option(
      '--labels-at <instant>',
      'the labels that held then, like 2026-10-14T10:00 (those that hold now)',
      instantOption,
    )
    .option('--epochs <number>', 'passes over the dataset', integerOption(1, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31))
    .addOption(new Option('--rollout', 'as it is by itself').hideHelp().default(true))
    .option(
      '--no-rollout',
      'leave the new version in the registry, instead of rolling it out when it passes its gates',
    )
    .option(
      '--where <attribute=pattern,…>',
      'the stations of the rollout, as in `rollout create` (those that run the old version); can be repeated',
      (text: string, before?: StationQuery) => whereOption(text, before ?? {}),
    )
    .option('--canary <n>', 'stations of the first wave; below 1 a share', numberOption(0, 1_000_000))
    .option('--soak <seconds>', 'how long each wave is watched before the next', numberOption(0, 2_592_000))
    .option(...jsonOption);
}

async function start(options: RetrainOptions, command: Command): Promise<void> {
  const { data, server, token, json, rollout, where, canary, soak, ...rest } = options;
  const { shadow, shadowStations, shadowAgreement, ...request } = rest;
  const ofRollout = { where, canary, soak, shadow, 'shadow-stations': shadowStations };
  for (const [name, value] of Object.entries({ ...ofRollout, 'shadow-agreement': shadowAgreement }))
    if (!rollout && value !== undefined) command.error(`error: --${name} cannot be used with --no-rollout`);
  const body = rollout ? { ...request, rollout: rolloutOf(options) } : request;
  const at = serverOf({ data, ...(server && { server }), ...(token && { token }) });
  const job = await callServer<JobView>(at, '/v1/retrain', body);
  createOutput(json === true).report(
    job,
    `job ${job.id} is ${job.state}; the console shows its course under Training`,
  );
}

function rolloutOf(options: RetrainOptions): NonNullable<RetrainRequest['rollout']> {
  const { where, canary, soak } = options;
  const shadow = shadowOf(options);
  const plan = {
    ...(canary === undefined ? {} : { canary }),
    ...(soak === undefined ? {} : { soakS: soak }),
    ...(shadow === undefined ? {} : { shadow }),
  };
  return { ...(where === undefined ? {} : { query: where }), plan };
}
