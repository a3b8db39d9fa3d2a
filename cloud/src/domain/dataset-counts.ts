import type { DatasetView } from '@pomona/wire';
import { type DatasetImage, splits } from './dataset.ts';

/** How many images and groups there are of what, for the view of a version. */
export function countImages(
  labels: readonly string[],
  images: readonly DatasetImage[],
): Pick<DatasetView, 'groups' | 'byGrade' | 'bySplit'> {
  const splitOf = new Map(images.map(({ group, split }) => [group, split]));
  return {
    groups: splitOf.size,
    byGrade: labels.map((grade) => ({
      grade,
      count: images.filter((image) => image.grade === grade).length,
    })),
    bySplit: splits.map((split) => ({
      split,
      images: images.filter((image) => image.split === split).length,
      groups: [...splitOf.values()].filter((each) => each === split).length,
    })),
  };
}
