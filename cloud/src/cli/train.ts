import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { networkNames } from '@pomona/catalog';
import { openTrustRepository } from '@pomona/release';
import { type DatasetView, type ModelView, systemClock } from '@pomona/wire';
import { Command, Option } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { readCodeRevision } from '../adapters/code-revision.ts';
import { datasetFolderOf } from '../adapters/dataset/dataset-folder.ts';
import type { SqlModelRegistry } from '../adapters/sql/sql-model-registry.ts';
import { readTrainingArtifacts } from '../adapters/training-artifacts.ts';
import { runTraining } from '../adapters/training-process.ts';
import { buildRelease } from '../use-cases/build-release.ts';
import { findDataset } from './dataset.ts';
import { describeEvaluation } from './describe-evaluation.ts';
import { interruptSignal } from './interrupt.ts';
import { dataOption, integerOption, jsonOption, numberOption } from './options.ts';
import { createOutput, type Output } from './output.ts';
import { createTrainingBar } from './training-bar.ts';
import { withRegistry } from './with-registry.ts';

interface TrainOptions {
  readonly data: string;
  readonly dataset: string;
  readonly name: string;
  readonly network: string;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly seed: number;
  readonly json?: true;
}

export function trainCommand(): Command {
  return new Command('train')
    .description('train on a dataset version, evaluate on groups it never saw, sign a release')
    .requiredOption('--dataset <dataset>', 'NAME for the newest version, or NAME@DIGEST')
    .option('--name <model>', 'the model that gets a new version', 'apples')
    .addOption(
      new Option('--network <name>', 'from the catalog').choices([...networkNames]).default('sequential'),
    )
    .option('--epochs <number>', 'passes over the dataset', integerOption(1, 10_000))
    .option('--minutes <number>', 'begin no epoch after this time', numberOption(0.05, 10_000))
    .option('--seed <number>', 'fixes everything random', integerOption(0, 2 ** 31), 1)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: TrainOptions) => {
      const output = createOutput(options.json === true);
      const interrupt = interruptSignal();
      const { data, epochs, minutes } = options;
      try {
        const model = await withRegistry(data, async ({ datasets, models }) =>
          trainAndRegister({
            dataFolder: data,
            dataset: await findDataset(datasets, options.dataset),
            modelName: options.name,
            network: options.network,
            seed: options.seed,
            ...(epochs === undefined ? {} : { epochs }),
            ...(minutes === undefined ? {} : { minutes }),
            models,
            output,
            signal: interrupt.signal,
          }),
        );
        output.report(
          model,
          `\n${model.name}@${model.version}  ${model.digest}\n${describeEvaluation(model.evaluation, model.labels)}`,
        );
      } finally {
        interrupt.dispose();
      }
    });
}

export interface TrainAndRegister {
  readonly dataFolder: string;
  readonly dataset: DatasetView;
  readonly modelName: string;
  readonly network: string;
  readonly seed: number;
  readonly epochs?: number;
  readonly minutes?: number;
  readonly models: SqlModelRegistry;
  readonly output: Output;
  readonly signal: AbortSignal;
}

/** Trains, signs a release of the result and puts it into the registry. Nothing is registered unless all of it is there. */
export async function trainAndRegister(request: TrainAndRegister): Promise<ModelView> {
  const { dataFolder, dataset, modelName, models, output, signal } = request;
  const version = await models.nextVersion(modelName);
  const runFolder = join(dataFolder, 'runs', `${modelName}-${version}`);
  await mkdir(runFolder, { recursive: true });
  const bar = createTrainingBar(output);
  try {
    await runTraining({
      datasetFolder: datasetFolderOf(dataFolder, dataset.name, dataset.digest),
      outFolder: runFolder,
      network: request.network,
      seed: request.seed,
      ...(request.epochs === undefined ? {} : { epochs: request.epochs }),
      ...(request.minutes === undefined ? {} : { minutes: request.minutes }),
      onEvent: bar.onEvent,
      signal,
    });
  } finally {
    bar.stop();
  }
  const trust = await openTrustRepository({
    folder: join(dataFolder, 'trust'),
    keysFolder: join(dataFolder, 'keys'),
    clock: systemClock,
  });
  const { model } = await buildRelease(
    { trust, blobs: new BlobFolder(dataFolder), clock: systemClock },
    {
      name: modelName,
      version,
      artifacts: await readTrainingArtifacts(runFolder),
      codeRevision: await readCodeRevision(),
    },
  );
  await models.save(model);
  return model;
}
