/**
 * The embedding of a dataset version's pictures, as a network has it before its last layer. It is a figure of the model as much as of the picture,
 * so that a set is of one model version, and the version of the set is that model's digest.
 */
import type { FeatureRow, FeatureSetView, ModelView } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { type FeatureSet, viewSet } from './feature-set.ts';

type EmbeddingModel = Pick<ModelView, 'name' | 'version' | 'digest'>;

const source = 'dataset';
const about =
  'What a model makes of a picture of a dataset version before it decides: those that look alike to it lie close together.';
const keys = ['model', 'modelDigest', ...viewSet.keys];
const unit = 'activation';

/** What can be said of these sets before a model is named. */
export const embeddingSets: FeatureSetView = {
  ...{ set: 'embedding@MODEL-DIGEST', source, about, keys },
  columns: [{ name: 'e0, e1, …', unit, about: 'as many as the network has: 64 of compact' }],
};

/** Digits of a digest that a set is named by. */
const named = 12;

export function embeddingSet({ name, version, digest }: EmbeddingModel, width: number): FeatureSet {
  return {
    ...{ name: 'embedding', set: `embedding@${digest.slice(0, named)}`, source, about, keys },
    columns: Array.from({ length: width }, (_, at) => ({
      ...{ name: `e${at}`, unit, about: `of the embedding of ${name}@${version}` },
    })),
  };
}

/** Of the images from `from` to before `to`; `figures` float32 [images, columns]. */
export function embeddingRows(
  { columns }: FeatureSet,
  { name, version, digest: modelDigest }: EmbeddingModel,
  images: readonly DatasetImage[],
  figures: Float32Array,
  from: number,
  to: number,
): FeatureRow[] {
  const width = columns.length;
  return images.slice(from, to).map(({ digest, grade, group, split }, at) => ({
    ...{ model: `${name}@${version}`, modelDigest, digest, grade, group, split },
    ...Object.fromEntries(columns.map((column, f) => [column.name, figures[(from + at) * width + f]!])),
  }));
}
