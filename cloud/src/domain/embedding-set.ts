/**
 * What a network says of a dataset version's pictures: the areas of the defects that it sees, where it draws a map of them, and its embedding, as it has it before its last
 * layer. These are figures of the model as much as of the picture, so that a set is of one model version, and the version of the set is that model's digest.
 */
import type { FeatureColumn, FeatureRow, FeatureSetView, ModelView } from '@pomona/wire';
import type { DatasetImage } from './dataset.ts';
import { type FeatureSet, viewSet } from './feature-set.ts';

type EmbeddingModel = Pick<ModelView, 'name' | 'version' | 'digest'>;

const source = 'dataset';
const about =
  'What a model sees in a picture of a dataset version before it decides: areas of defects, and figures that lie close together where pictures look alike to it.';
const keys = ['model', 'modelDigest', ...viewSet.keys];
const unit = 'activation';

/** Of a network with a map of defects; by the functions that a line measures its fruit by. */
const areaColumns: readonly FeatureColumn[] = [
  {
    name: 'defectShare',
    unit: 'share 0..1',
    about: 'of the skin that the picture shows, by the map of defects',
  },
  { name: 'rotShare', unit: 'share 0..1', about: 'of the same skin, what is rot' },
];

/** What can be said of these sets before a model is named. */
export const embeddingSets: FeatureSetView = {
  ...{ set: 'embedding@MODEL-DIGEST', source, about, keys },
  columns: [
    ...areaColumns.map((column) => ({
      ...column,
      about: `${column.about}; no such column of a network that draws none`,
    })),
    { name: 'e0, e1, …', unit, about: 'as many as the network has: 64 of compact' },
  ],
};

/** Digits of a digest that a set is named by. */
const named = 12;

/** The columns of what is computed, in their order: of a network with an embedding of `width`, and with a map of defects or not. */
export function embeddingColumns(width: number, hasMap: boolean): string[] {
  const areas = hasMap ? areaColumns.map(({ name }) => name) : [];
  return [...areas, ...Array.from({ length: width }, (_, at) => `e${at}`)];
}

/** Are these of the form that is computed now? What another version of this program kept may have others. */
export function areEmbeddingColumns(columns: readonly string[]): boolean {
  const hasMap = columns[0] === areaColumns[0]!.name;
  const width = columns.length - (hasMap ? areaColumns.length : 0);
  return width > 0 && columns.join() === embeddingColumns(width, hasMap).join();
}

export function embeddingSet(
  { name, version, digest }: EmbeddingModel,
  columns: readonly string[],
): FeatureSet {
  return {
    ...{ name: 'embedding', set: `embedding@${digest.slice(0, named)}`, source, about, keys },
    columns: columns.map(
      (column) =>
        areaColumns.find((area) => area.name === column) ?? {
          ...{ name: column, unit, about: `of the embedding of ${name}@${version}` },
        },
    ),
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
