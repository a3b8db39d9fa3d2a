import type { DatasetView } from '@pomona/wire';
import { type DatasetFile, type DatasetImage, datasetDigestOf, splits } from './dataset.ts';
import { datasetError } from './dataset-errors.ts';
import { splitByGroup } from './dataset-split.ts';

export type UnsplitImage = Omit<DatasetImage, 'split'>;

export interface DatasetContent {
  readonly name: string;
  readonly source: string;
  /** What was asked for; labels that no image has are dropped, and that is noted. */
  readonly labels: readonly string[];
  readonly inputSize: number;
  readonly images: readonly UnsplitImage[];
  readonly defectCells?: number;
  readonly quarantined: DatasetView['quarantined'];
  /** Grades that were found and not asked for. */
  readonly leftOut: ReadonlyMap<string, number>;
  readonly notes: readonly string[];
  readonly seed: number;
  readonly createdAtMs: number;
}

/** Splits the images and names the version by its content. Throws `dataset-empty` or `dataset-one-class`. */
export function freezeDataset(content: DatasetContent): DatasetFile {
  const { name, source, inputSize, images } = content;
  const labels = content.labels.filter((label) => images.some((image) => image.grade === label));
  checkClasses(content, labels);
  const absent = content.labels.filter((label) => !labels.includes(label));
  const { splitOf, notes } = splitByGroup(images, labels, content.seed);
  const placed = images.map((image) => ({ ...image, split: splitOf.get(image.group)! }));
  return {
    name,
    digest: datasetDigestOf({ labels, inputSize, images: placed }),
    createdAt: new Date(content.createdAtMs).toISOString(),
    source,
    labels,
    inputSize,
    images: placed,
    ...(content.defectCells === undefined ? {} : { defectCells: content.defectCells }),
    groups: splitOf.size,
    viewsPerFruit: viewsPerFruitOf(images),
    byGrade: labels.map((grade) => ({
      grade,
      count: images.filter((image) => image.grade === grade).length,
    })),
    bySplit: splits.map((split) => ({
      split,
      images: placed.filter((image) => image.split === split).length,
      groups: [...splitOf.values()].filter((each) => each === split).length,
    })),
    quarantined: [...content.quarantined],
    leftOut: [...content.leftOut].sort().map(([grade, count]) => ({ grade, count })),
    notes: [
      ...absent.map((label) => `there is no image of ${label}: the dataset does not have that label`),
      ...content.notes,
      ...notes,
    ],
  };
}

function checkClasses(
  { labels, images, quarantined, leftOut }: DatasetContent,
  found: readonly string[],
): void {
  const others = [...leftOut].map(([grade, count]) => `${count} of ${grade}`).join(', ');
  const context = [
    quarantined.length > 0
      ? `${quarantined.length} were quarantined (${quarantined[0]!.path}: ${quarantined[0]!.reason})`
      : '',
    others === '' ? '' : `left out: ${others}`,
  ]
    .filter((text) => text !== '')
    .join('; ');
  const asked = `asked for ${labels.join(', ')}${context === '' ? '' : `; ${context}`}`;
  if (images.length === 0) throw datasetError('dataset-empty', `no image can be used; ${asked}`);
  if (found.length === 1)
    throw datasetError(
      'dataset-one-class',
      `all ${images.length} images are of the grade ${found[0]}; ${asked}`,
    );
}

/** More than 1 only where every group is one fruit, seen equally often, its views one after the other. */
function viewsPerFruitOf(images: readonly UnsplitImage[]): number {
  const views = images.findIndex((image) => image.group !== images[0]!.group);
  if (views <= 1 || images.length % views !== 0) return 1;
  const seen = new Set<string>();
  for (let first = 0; first < images.length; first += views) {
    const { group, grade } = images[first]!;
    if (seen.has(group)) return 1;
    seen.add(group);
    for (let i = first; i < first + views; i++)
      if (images[i]!.group !== group || images[i]!.grade !== grade) return 1;
  }
  return views;
}
