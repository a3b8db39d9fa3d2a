import type { Dataset, DatasetImage } from '../dataset.ts';

const imagesMax = 400;

/**
 * Positions of images that are shown to a model before it is quantized: of train and validation, never of test, the same
 * number of each grade as far as there are so many, spread over the whole dataset.
 */
export function calibrationImages(dataset: Dataset): number[] {
  return evenly(dataset, (split) => split !== 'test' && split !== 'none');
}

/** The same of validation alone, to choose by; of all but test where validation has none. */
export function validationImages(dataset: Dataset): number[] {
  const chosen = evenly(dataset, (split) => split === 'validation');
  return chosen.length > 0 ? chosen : calibrationImages(dataset);
}

/** The same of train alone, and more of them, to learn from. */
export function trainingImages(dataset: Dataset): number[] {
  return evenly(dataset, (split) => split === 'train', 4_000);
}

function evenly(
  { images, labels }: Dataset,
  isWanted: (split: DatasetImage['split']) => boolean,
  countMax = imagesMax,
): number[] {
  const share = Math.ceil(countMax / labels.length);
  return labels.flatMap((label) => {
    const own = images.flatMap(({ grade, split }, at) => (grade === label && isWanted(split) ? [at] : []));
    const count = Math.min(share, own.length);
    return Array.from({ length: count }, (_, at) => own[Math.floor((at * own.length) / count)]!);
  });
}
