import { defaultNetworkName, networkNames } from '@pomona/catalog';
import { type EngineChoice, engineChoices, type ModelView, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { localTraining } from '../adapters/local-training.ts';
import { checkedRecipe } from '../domain/checked-recipe.ts';
import { goOnFrom } from '../use-cases/go-on-from.ts';
import { trainedOf } from '../use-cases/retrain.ts';
import { runNewJob } from '../use-cases/run-job.ts';
import { type TrainAndRegisterRequest, trainAndRegister } from '../use-cases/train-and-register.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { describeHeldAgainst } from './describe-held-against.ts';
import { findDataset } from './find-dataset.ts';
import { interruptSignal } from './interrupt.ts';
import { localActor } from './local-actor.ts';
import { describeVerdict } from './model-aliases.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { recipeChangesOption } from './recipe-changes-option.ts';
import { createTrainingBar } from './training-bar.ts';
import { type Registry, withRegistry } from './with-registry.ts';

interface TrainOptions {
  readonly data: string;
  readonly dataset: string;
  readonly name: string;
  readonly network: string;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly seed: number;
  readonly recipe?: object;
  readonly from?: string;
  readonly engine: EngineChoice;
  readonly resume?: true;
  readonly reason?: string;
  readonly json?: true;
}

export function trainCommand(): Command {
  return new Command('train')
    .description('train on a dataset version, evaluate on groups it never saw, sign a release')
    .requiredOption('--dataset <dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--name <model>', 'the model that gets a new version', 'apples')
    .addOption(
      new Option('--network <name>', 'from the catalog')
        .choices([...networkNames])
        .default(defaultNetworkName),
    )
    .option('--epochs <number>', 'passes over the dataset', integerOption(1, 10_000))
    .option('--minutes <number>', 'begin no epoch after this time', numberOption(0.05, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31), 1)
    .option(
      '--recipe <json>',
      'settings that differ from the catalog’s recipe: JSON, or a file with it; see model show for what there is',
      recipeChangesOption,
    )
    .option('--from <model>', 'go on from NAME, NAME@3 or NAME@champion, in small steps, with its network')
    .addOption(
      new Option('--engine <name>', 'what learns; tensorflow is @tensorflow/tfjs-node, where it is installed')
        .choices(engineChoices)
        .default('auto'),
    )
    .option('--resume', 'go on from what was kept of the same training, should it have been killed')
    .option('--reason <text>', 'why; it is kept in the log of the model')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: TrainOptions, command: Command) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      const { data, epochs, minutes, reason } = options;
      try {
        const { model, trained } = await withRegistry(data, async (registry) => {
          const dataset = await findDataset(registry.datasets, options.dataset);
          const named = command.getOptionValueSource('network') === 'default' ? undefined : options.network;
          const begun =
            options.from === undefined
              ? { network: options.network }
              : goOnFrom(await registry.models.resolve(options.from), dataset, named);
          const model = await trainFromTerminal({
            ...{ dataFolder: data, dataset, name: options.name, ...begun },
            seed: options.seed,
            ...(options.recipe === undefined
              ? {}
              : { recipe: checkedRecipe(begun.network, dataset.viewsPerFruit, options.recipe) }),
            ...(options.engine === 'auto' ? {} : { engine: options.engine }),
            ...(epochs === undefined ? {} : { epochs }),
            ...(minutes === undefined ? {} : { minutes }),
            ...(reason === undefined ? {} : { reason }),
            ...(options.resume === undefined ? {} : { resume: options.resume }),
            actor: localActor(),
            registry,
            output,
            signal: interrupt.signal,
          });
          return { model, trained: await trainedOf(registry, model) };
        });
        output.report(
          model,
          `\n${model.name}@${model.version}  ${model.digest}\n${describeEvaluation(model)}${describeHeldAgainst(trained.heldAgainst)}\n${describeVerdict(model)}`,
        );
      } finally {
        interrupt.dispose();
      }
    });
}

export interface TrainFromTerminal extends TrainAndRegisterRequest {
  readonly dataFolder: string;
  readonly actor: string;
  readonly registry: Pick<Registry, 'models' | 'jobs' | 'project' | 'trainingRuns'>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Trains and registers as a job of this process, with a bar for the person who waits. */
export async function trainFromTerminal(given: TrainFromTerminal): Promise<ModelView> {
  const { dataFolder, actor, registry, output, signal, ...rest } = given;
  const { name, digest } = rest.dataset;
  const request = { ...rest, dataset: { name, digest } };
  const bar = createTrainingBar(output, { isToResume: rest.resume === true });
  try {
    return await runNewJob(
      { jobs: registry.jobs, clock: systemClock },
      { kind: 'train', actor, request },
      signal,
      (run) => trainAndRegister(localTraining(dataFolder, registry, systemClock), request, run, bar.onEvent),
    );
  } finally {
    bar.stop();
  }
}
