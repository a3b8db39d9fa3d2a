import type { FusableView, KnownFruit } from '@pomona/grading';
import type { Standardise } from '@pomona/wire';
import { cropProbabilities } from '../adapters/crop-scores.ts';
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
  const said = await cropProbabilities(
    modelFile,
    chosen.map(({ at }) => crops.subarray(at * bytes, (at + 1) * bytes)),
    file.inputSize,
  );
  const fruits = new Map<string, { readonly label: number; readonly views: FusableView[] }>();
  chosen.forEach(({ image: { group, grade } }, i) => {
    const fruit = fruits.get(group) ?? { label: labels.indexOf(grade), views: [] };
    fruit.views.push({ probabilities: said[i]!, travelMm: fruit.views.length });
    fruits.set(group, fruit);
  });
  return [...fruits].flatMap(([group, fruit]) => (fruit.views.length > 1 ? [{ group, ...fruit }] : []));
}
