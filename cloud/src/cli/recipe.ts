import { readFile } from 'node:fs/promises';
import { type ExampleRecipeName, exampleRecipe, exampleRecipeNames } from '@pomona/catalog';
import { adviceOn, checkRecipe, gradesOf, parseRecipe } from '@pomona/grading';
import {
  counted,
  type GiveRecipeRequest,
  type ModelView,
  Recipe,
  type RecipeDryRun,
  type RecipeDryRunRequest,
} from '@pomona/wire';
import { Argument, Command } from 'commander';
import { describeDryRun } from './describe-dry-run.ts';
import { readJsonFile } from './model-aliases.ts';
import { dataOption, instantOption, integerOption, jsonOption, pathOption, slugOption } from './options.ts';
import { createOutput } from './output.ts';

import { fitCommand } from './recipe-fit.ts';
import { callServer, type ServerOptions, serverOf, serverOption, tokenOption } from './running-server.ts';
import { withRegistry } from './with-registry.ts';

interface CheckOptions {
  readonly data: string;
  readonly model?: string;
  readonly labels: readonly string[];
  readonly json?: true;
}

interface DryRunOptions extends ServerOptions, Omit<RecipeDryRunRequest, 'recipe'> {
  readonly json?: true;
}

interface GiveOptions extends ServerOptions {
  readonly model: string;
  readonly reason: string;
  readonly json?: true;
}

export function recipeCommand(): Command {
  const example = new Command('example')
    .description('print a recipe to begin with, each of its limits with its source')
    .addArgument(new Argument('<name>', 'which').choices(exampleRecipeNames))
    .action(async (name: ExampleRecipeName) => {
      process.stdout.write(await readFile(exampleRecipe(name), 'utf8'));
    });
  const schema = new Command('schema')
    .description('print the JSON Schema of a recipe, for editors and other programs')
    .action(() => void process.stdout.write(`${JSON.stringify(Recipe, null, 2)}\n`));
  return new Command('recipe')
    .description('how probabilities, size, colour and defects become a grade and a gate')
    .addCommand(example)
    .addCommand(schema)
    .addCommand(checkCommand())
    .addCommand(fitCommand())
    .addCommand(dryRunCommand())
    .addCommand(giveCommand());
}

function checkCommand(): Command {
  return new Command('check')
    .description('see whether a recipe is right, and fits a model’s labels')
    .argument('<file>', 'its JSON', pathOption)
    .option('--model <model>', 'whose labels: NAME, NAME@VERSION or NAME@ALIAS')
    .option(
      '--labels <labels>',
      'the labels, instead of a model’s, the best first, as good,ok,bad',
      labelsOption,
      [...['good', 'ok', 'bad']],
    )
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (file: string, { data, model, labels: given, json }: CheckOptions) => {
      const recipe = parseRecipe(await readJsonFile(file));
      const labels =
        model === undefined
          ? given
          : await withRegistry(data, async ({ models }) => (await models.resolve(model)).labels);
      checkRecipe(recipe, labels);
      const advice = adviceOn(recipe, labels);
      const grades = gradesOf(recipe, labels);
      const rules = recipe.rules?.length ?? 0;
      createOutput(json === true).report(
        { file, labels, grades, rules, advice },
        [
          `${file} is right for ${labels.join(', ')}: grades ${grades.join(', ')}, ${counted(rules, 'rule')}`,
          ...advice,
        ].join('\n'),
      );
    });
}

function dryRunCommand(): Command {
  return new Command('dry-run')
    .description('what stored fruits would have got by a recipe; changes nothing')
    .argument('<file>', 'its JSON', pathOption)
    .requiredOption('--model <model>', 'whose fruits: NAME for all its versions, or NAME@VERSION')
    .option(
      '--since <time>',
      'of what came in from then on, e.g. 2026-11-24; a day unless given',
      instantOption,
    )
    .option('--until <time>', 'of what came in before', instantOption)
    .option('--station <station>', 'of which; all unless named', slugOption)
    .option('--fruits-max <number>', 'not more than these, 100,000 unless given', integerOption(1, 500_000))
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption)
    .action(async (file: string, options: DryRunOptions) => {
      const { model, since, until, station, fruitsMax } = options;
      const request: RecipeDryRunRequest = {
        ...{ recipe: (await readJsonFile(file)) as RecipeDryRunRequest['recipe'], model },
        ...(since === undefined ? {} : { since }),
        ...(until === undefined ? {} : { until }),
        ...(station === undefined ? {} : { station }),
        ...(fruitsMax === undefined ? {} : { fruitsMax }),
      };
      const found = await callServer<RecipeDryRun>(serverOf(options), '/v1/recipes/dry-run', request);
      createOutput(options.json === true).report(found, describeDryRun(found));
    });
}

function giveCommand(): Command {
  return new Command('give')
    .description('a new version of a model with the same network and this recipe, to be rolled out like any')
    .argument('<file>', 'its JSON', pathOption)
    .requiredOption('--model <model>', 'NAME for the newest version, NAME@VERSION or NAME@ALIAS')
    .requiredOption('--reason <text>', 'why, for the model’s log')
    .option(...dataOption)
    .option(...serverOption)
    .option(...tokenOption)
    .option(...jsonOption)
    .action(async (file: string, options: GiveOptions) => {
      const request: GiveRecipeRequest = {
        ...{ recipe: (await readJsonFile(file)) as GiveRecipeRequest['recipe'] },
        ...{ model: options.model, reason: options.reason },
      };
      const model = await callServer<ModelView>(serverOf(options), '/v1/recipes', request);
      const { name, version, digest, parent } = model;
      createOutput(options.json === true).report(
        model,
        [
          `${name}@${version}  ${digest}`,
          `the network of ${name}@${parent?.version}, graded by ${model.recipe?.name ?? 'the recipe'}`,
          `next: pomona rollout create --release ${name}@${version} --reason …`,
        ].join('\n'),
      );
    });
}

function labelsOption(text: string): string[] {
  return text.split(',').map(slugOption);
}
