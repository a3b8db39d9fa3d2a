import { type FruitAreas, type KnownFruit, skinOfCells, skinShares } from '@pomona/grading';
import type { Standardise } from '@pomona/wire';
import { type CropSaid, cropsSaid } from '../adapters/crop-scores.ts';
import type { FrozenDataset } from '../adapters/dataset/dataset-folder.ts';

export interface GradingModel {
  /** An exported network, as stations run it. */
  readonly modelFile: string;
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly standardise?: Standardise | undefined;
}

/** What a model says of each view of a dataset's fruit, as it would at a line; fruit of a single view is left out. */
export async function fruitSaid(
  { file, crops }: FrozenDataset,
  { modelFile, labels }: GradingModel,
  splits: readonly string[],
): Promise<(KnownFruit & { readonly group: string })[]> {
  const bytes = file.inputSize ** 2 * 3;
  const chosen = file.images.flatMap((image, at) => (splits.includes(image.split) ? [{ image, at }] : []));
  const said = await cropsSaid(
    modelFile,
    chosen.map(({ at }) => crops.subarray(at * bytes, (at + 1) * bytes)),
    file.inputSize,
  );
  const fruits = new Map<
    string,
    { readonly label: number; readonly views: ArrayLike<number>[]; readonly said: CropSaid[] }
  >();
  chosen.forEach(({ image: { group, grade } }, i) => {
    const fruit = fruits.get(group) ?? { label: labels.indexOf(grade), views: [], said: [] };
    fruit.views.push(said[i]!.probabilities);
    fruit.said.push(said[i]!);
    fruits.set(group, fruit);
  });
  return [...fruits].flatMap(([group, { label, views, said: own }]) =>
    views.length > 1 ? [{ group, label, views, areas: meanAreas(own) }] : [],
  );
}

/** As a station measures them; its views are taken to come from all sides alike. */
function meanAreas(said: readonly CropSaid[]): FruitAreas | undefined {
  const maps = said.flatMap(({ map }) => (map === undefined ? [] : [map]));
  const [first] = maps;
  if (first === undefined || maps.length < said.length) return undefined;
  const skin = skinOfCells(Math.sqrt(first.length / 2));
  const mean = (share: 0 | 1) =>
    maps.reduce((sum, map) => sum + skinShares(map, 0, skin)[share]!, 0) / maps.length;
  return { defectShare: mean(0), rotShare: mean(1) };
}
