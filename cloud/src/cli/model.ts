import { fewCasesOf, type ModelView } from '@pomona/wire';
import { Command } from 'commander';
import { describeModel, percent } from './describe-model.ts';
import { aliasCommand, logCommand, promoteCommand } from './model-aliases.ts';
import { cardCommand, compareCommand } from './model-compare.ts';
import { pruneCommand } from './model-prune.ts';
import { dataOption, jsonOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface ModelOptions {
  readonly data: string;
  readonly json?: true;
}

export function modelCommand(): Command {
  const list = new Command('list')
    .description('every model version, newest first')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (options: ModelOptions) => {
      const models = await withRegistry(options.data, ({ models }) => models.list());
      createOutput(options.json === true).report(models, describeModels(models));
    });
  const show = new Command('show')
    .description('one model version: lineage, figures, confusion matrix')
    .argument('<model>', 'NAME for the newest, NAME@VERSION or NAME@ALIAS')
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (reference: string, options: ModelOptions) => {
      const [model, dataset] = await withRegistry(options.data, async ({ models, datasets }) => {
        const found = await models.resolve(reference);
        return [found, await datasets.find(found.dataset.name, found.dataset.digest)] as const;
      });
      createOutput(options.json === true).report(model, describeModel(model, dataset));
    });
  return new Command('model')
    .description('trained and signed model versions')
    .addCommand(list)
    .addCommand(show)
    .addCommand(compareCommand())
    .addCommand(cardCommand())
    .addCommand(aliasCommand())
    .addCommand(promoteCommand())
    .addCommand(logCommand())
    .addCommand(pruneCommand());
}

function describeModels(models: readonly ModelView[]): string {
  if (models.length === 0) return 'No model yet: train one with `pomona train`.';
  return table(
    ['model', 'digest', 'dataset', 'accuracy', 'macro-F1', 'created'],
    models.map((model) => [
      `${model.name}@${model.version}`,
      model.filesRemovedAt === undefined ? model.digest.slice(0, 12) : 'files removed',
      `${model.dataset.name}@${model.dataset.digest.slice(0, 12)}`,
      [percent(model.evaluation.accuracy), fewCasesOf(model.evaluation)].filter(Boolean).join(' '),
      percent(model.evaluation.macroF1),
      model.createdAt,
    ]),
  );
}
