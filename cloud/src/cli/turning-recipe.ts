import { defaultRecipe, fitFusion } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';
import { datasetFolderOf, readDataset } from '../adapters/dataset/dataset-folder.ts';
import { type BenchModel, benchVariantOf } from './bench-model.ts';
import { type DrawDataset, drawDataset, noDatasets } from './draw-dataset.ts';
import { fruitSaid } from './fruit-said.ts';

/** As many as a recipe is fitted to elsewhere: the validation part of 2,000. A trial with few portraits makes do with fewer. */
const fruitsMax = 300;
const fruitsMin = 20;
const portraitsPerFruit = 20;

/**
 * The default recipe, with what `pomona recipe fit` makes of drawn fruit that turns: a network that learnt from single pictures has not
 * learnt how those of one fruit go together, and a mean of them drowns what is seen from few sides.
 */
export async function turningRecipe(
  model: BenchModel,
  {
    portraits,
    ...given
  }: Pick<DrawDataset, 'dataFolder' | 'seed' | 'output' | 'signal'> & { readonly portraits: number },
): Promise<Recipe> {
  const fruits = Math.min(fruitsMax, Math.max(fruitsMin, Math.round(portraits / portraitsPerFruit)));
  const { labels, inputSize, standardise, modelFile } = benchVariantOf(model, 'fp32');
  const { name, digest } = await drawDataset({
    ...{ ...given, name: 'turning', fruits, size: inputSize, standardise, datasets: noDatasets },
  });
  const drawn = await readDataset(datasetFolderOf(given.dataFolder, name, digest));
  const said = await fruitSaid(drawn, { modelFile, labels, inputSize }, ['train', 'validation', 'test']);
  const fusion = fitFusion(said);
  const recipe = defaultRecipe(labels);
  return fusion === undefined ? recipe : { ...recipe, fusion };
}
