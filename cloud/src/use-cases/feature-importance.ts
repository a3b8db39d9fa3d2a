import { AppError, type FeatureImportance } from '@pomona/wire';
import { columnOf, lookedAt } from '../domain/explore-dataset.ts';
import { viewSet } from '../domain/feature-set.ts';
import { permutationImportance } from '../domain/permutation-importance.ts';
import type { FeaturePorts } from './read-features.ts';

/** What each figure of pictures tells of their grade. Errors: `dataset-unknown`, `dataset-damaged`, `feature-query`. */
export async function featureImportance(
  { datasets, readImages }: Pick<FeaturePorts, 'datasets' | 'readImages'>,
  dataset: string,
): Promise<FeatureImportance> {
  const [of = '', prefix = ''] = dataset.split('@');
  const version = await datasets.find(of, prefix);
  if (version === undefined)
    throw new AppError('dataset-unknown', `there is no dataset ${dataset}`, {
      hint: 'See the list: pomona dataset list.',
    });
  const { file, rows } = await readImages(version);
  const names = viewSet.columns.map(({ name }) => name);
  const columns = names.map((_, feature) => columnOf({ rows, features: names.length }, feature));
  const looked = lookedAt(file.images.length);
  const { features, ...figures } = permutationImportance(file.images, columns, looked);
  if (features.length === 0)
    throw new AppError('feature-query', `${dataset} has no images in its train split, or none outside it`, {
      hint: 'Import more groups, so that every split gets some.',
    });
  return {
    ...{ dataset: { name: version.name, digest: version.digest }, set: viewSet.set, ...figures },
    features: features
      .map(({ isIdle, ...loss }, at) => ({ name: names[at]!, ...loss, candidateToDrop: isIdle }))
      .sort((a, b) => b.mean - a.mean),
  };
}
