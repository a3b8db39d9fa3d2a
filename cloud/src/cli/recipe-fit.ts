import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  checkRecipe,
  fitFusion,
  fuseByRecipe,
  fusionLoss,
  type KnownFruit,
  parseRecipe,
  worstHalf,
} from '@pomona/grading';
import { fileOf, parseManifest } from '@pomona/release';
import {
  AppError,
  type AreaLimit,
  counted,
  describeStandardise,
  type ModelView,
  type RecipeAreas,
  type RecipeFusion,
  systemErrorCode,
} from '@pomona/wire';
import { Command } from 'commander';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { datasetFolderOf, type FrozenDataset, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { filesRemoved } from '../use-cases/files-removed.ts';
import { findDataset } from './find-dataset.ts';
import { fruitSaid, type GradingModel } from './fruit-said.ts';
import { readJsonFile } from './model-aliases.ts';
import { dataOption, jsonOption, pathOption } from './options.ts';
import { createOutput, table } from './output.ts';
import { withRegistry } from './with-registry.ts';

interface FitOptions {
  readonly data: string;
  readonly model: string;
  readonly dataset?: string;
  readonly out: string;
  readonly json?: true;
}

type Known = Readonly<Record<'validation' | 'test', readonly KnownFruit[]>>;

export function fitCommand(): Command {
  return new Command('fit')
    .description(
      'learn how much each view of a fruit counts, and what its areas of defects say, from fruit whose grade is known',
    )
    .argument('<file>', 'a recipe’s JSON', pathOption)
    .requiredOption('--model <model>', 'NAME for the newest version, NAME@VERSION or NAME@ALIAS')
    .option('--dataset <dataset>', 'fruit in several views: NAME or NAME@DIGEST (what the model learnt from)')
    .requiredOption('--out <file>', 'the recipe with what was learned; its version is the next', pathOption)
    .option(...dataOption)
    .option(...jsonOption)
    .action(async (file: string, { data, model: reference, dataset, out, json }: FitOptions) => {
      const recipe = parseRecipe(await readJsonFile(file));
      const { known, labels, source } = await withRegistry(data, async ({ models, datasets }) => {
        const model = await models.resolve(reference);
        const { name, digest } = dataset === undefined ? model.dataset : await findDataset(datasets, dataset);
        const frozen = await readDataset(datasetFolderOf(data, name, digest));
        return {
          known: await knownFruit(frozen, await modelOf(data, model)),
          labels: model.labels,
          source: `${name}@${digest.slice(0, 12)}`,
        };
      });
      checkRecipe(recipe, labels);
      const learned = fitFusion(known.validation);
      const fitted = {
        ...recipe,
        version: recipe.version + 1,
        fusion: learned ?? { method: 'meanLogProbability' as const },
      };
      await writeNew(out, `${JSON.stringify(fitted, null, 2)}\n`);
      const rows = [
        rowOf('views count alike', { method: 'meanLogProbability' }, known),
        rowOf('worst view', { method: 'worstView' }, known),
        rowOf('worst half', worstHalf, known),
        ...(recipe.fusion === undefined ? [] : [rowOf('as it was', recipe.fusion, known)]),
        ...(learned === undefined ? [] : [rowOf('learned', learned, known)]),
      ];
      createOutput(json === true).report(
        { file: out, fusion: fitted.fusion, dataset: source, rows },
        [
          `${counted(known.validation.length, 'fruit')} of ${source} to learn from, ${known.test.length} others to judge by`,
          table(
            ['', 'log loss', 'right %'],
            rows.map((row) => [row.name, row.loss.toFixed(4), (100 * row.right).toFixed(1)]),
          ),
          learned === undefined ? 'No weights were better than none.' : describeFusion(learned),
          `in ${out}, version ${fitted.version}`,
        ].join('\n'),
      );
    });
}

function describeFusion({ byPosition, byBadness, certainty, scale, shift, areas }: RecipeFusion): string {
  const weights = [
    ...(byPosition === undefined ? [] : [`first to last part ${byPosition.join(', ')}`]),
    ...(byBadness === undefined ? [] : [`worst to best ${byBadness.join(', ')}`]),
    ...(certainty === undefined ? [] : [`certainty ${certainty}`]),
    ...(scale === undefined ? [] : [`logits times ${scale}, plus ${shift?.join(', ')}`]),
  ];
  return [weights.join('; '), ...(areas === undefined ? [] : [describeAreas(areas)])].join('\n');
}

function describeAreas({ weight, defect, rot }: RecipeAreas): string {
  const words = ({ at, steepness }: AreaLimit) => `${(100 * at).toFixed(2)} % (steepness ${steepness})`;
  const ofRot = rot === undefined ? '' : `, of rot ${words(rot)}`;
  return `limits of the skin with defects ${defect.map(words).join(', ')}${ofRot}; weight ${weight}`;
}

/** On fruit that nothing was learned from. */
function rowOf(name: string, fusion: RecipeFusion, { test }: Known) {
  const isRight = ({ views, label, areas }: KnownFruit): boolean => {
    const said = fuseByRecipe(fusion, views, areas);
    return said.indexOf(Math.max(...said)) === label;
  };
  return { name, loss: fusionLoss(fusion, test), right: test.filter(isRight).length / test.length };
}

/** Error: `dataset-unsuited` where it has no fruit in several views, or of other grades or sizes. */
async function knownFruit(frozen: FrozenDataset, model: GradingModel): Promise<Known> {
  const { file } = frozen;
  const { labels, inputSize } = model;
  const isFruit =
    file.labels.join() === labels.join() &&
    file.inputSize === inputSize &&
    describeStandardise(file.standardise) === describeStandardise(model.standardise) &&
    file.viewsPerFruit > 1;
  const known = isFruit
    ? {
        validation: await fruitSaid(frozen, model, ['validation']),
        test: await fruitSaid(frozen, model, ['test']),
      }
    : undefined;
  if (known !== undefined && known.validation.length > 0 && known.test.length > 0) return known;
  throw new AppError(
    'dataset-unsuited',
    `${file.name} has no fruit in several views of ${inputSize} pixels for ${labels.join(', ')}`,
    {
      hint: 'Name another with --dataset: drawn fruit (pomona dataset draw), or fruit of stations that was labelled.',
    },
  );
}

/** Error: `files-removed`. */
async function modelOf(data: string, model: ModelView): Promise<GradingModel> {
  if (model.filesRemovedAt !== undefined) throw filesRemoved(model);
  const { folder } = new BlobFolder(data);
  const manifest = parseManifest(await readFile(join(folder, model.digest)));
  return {
    ...{ labels: manifest.labels, inputSize: manifest.input.size, standardise: manifest.input.standardise },
    modelFile: join(folder, fileOf(manifest, manifest.variants[0]!.file).digest),
  };
}

/** Error: `file-exists`. */
async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    throw new AppError('file-exists', `${file} is there already, and is not overwritten`, {
      hint: 'Name another file with --out, or remove it.',
    });
  }
}
