import { canonicalJson, digestOf } from '@pomona/release';
import { Compile, type Static, Type } from '@pomona/schema';
import { Acceptance, DatasetView, Digest, describeErrors, Labelled, Provenance, Slug } from '@pomona/wire';
import { datasetError } from './dataset-errors.ts';

export const splits = ['train', 'validation', 'test'] as const;
export type Split = (typeof splits)[number];

export const DatasetImage = Type.Object({
  /** Of the standard crop. */
  digest: Digest,
  grade: Slug,
  /** The grade that this view alone deserves, where somebody knows it. */
  viewGrade: Type.Optional(Slug),
  /** Images of one group (a fruit, a session, a lot) are in one split. */
  group: Type.String({ minLength: 1 }),
  split: Type.Enum([...splits]),
  /** Where it came from, for people. */
  source: Type.String(),
  /** Of the map of where this view shows defects, where somebody drew one. */
  defects: Type.Optional(Digest),
  /** Of the photograph that it was cut out of, which is kept as a blob. */
  original: Type.Optional(Digest),
  about: Type.Optional(Provenance),
  labelled: Type.Optional(Labelled),
  /** Who took it in spite of a limit. */
  accepted: Type.Optional(Acceptance),
});
export type DatasetImage = Static<typeof DatasetImage>;

/** `dataset.json`: what stands beside the crops. Its `images` are in the order of the crops. */
export const DatasetFile = Type.Object({
  ...DatasetView.properties,
  images: Type.Array(DatasetImage, { minItems: 1 }),
  /** Cells along a side of the defect maps in `defects.u8`; without it there are none. */
  defectCells: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })),
  /** What a person should know before trusting an accuracy on it. */
  notes: Type.Array(Type.String()),
});
export type DatasetFile = Static<typeof DatasetFile>;

const validator = Compile(DatasetFile);

/**
 * A version's name: equal content has an equal digest, whatever it is called, whoever labelled or accepted its images, and
 * wherever it came from as long as nobody says so of an image.
 */
export function datasetDigestOf(
  content: Pick<DatasetFile, 'labels' | 'inputSize' | 'standardise' | 'images'>,
): string {
  const images = content.images.map(({ digest, defects, grade, viewGrade, group, split, about }) => ({
    ...{ digest, defects, grade, viewGrade, group, split },
    ...(about === undefined ? {} : { about }),
  }));
  const { labels, inputSize, standardise } = content;
  const made = standardise === undefined ? {} : { standardise };
  return digestOf(Buffer.from(canonicalJson({ labels, inputSize, ...made, images })));
}

export function datasetViewOf({ defectCells: _, ...file }: DatasetFile): DatasetView {
  return { ...file, images: file.images.length };
}

/** Throws `dataset-damaged` for what is not the `dataset.json` of its own digest. */
export function parseDatasetFile(bytes: Uint8Array): DatasetFile {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw datasetError('dataset-damaged', 'dataset.json is not JSON', error);
  }
  if (!validator.Check(value)) {
    const detail = describeErrors(validator.Errors(value));
    throw datasetError('dataset-damaged', `dataset.json cannot be used: ${detail}`);
  }
  if (datasetDigestOf(value) !== value.digest)
    throw datasetError('dataset-damaged', 'dataset.json does not have the digest that it names');
  return value;
}
