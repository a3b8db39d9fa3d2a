import type { Dataset } from '../dataset.ts';

const imagesMax = 400;

/**
 * Positions of images that are shown to a model before it is quantized: of train and validation, never of test, the same
 * number of each grade as far as there are so many, spread over the whole dataset.
 */
export function calibrationImages({ images, labels }: Dataset): number[] {
  const share = Math.ceil(imagesMax / labels.length);
  return labels.flatMap((label) => {
    const own = images.flatMap(({ grade, split }, at) => (grade === label && split !== 'test' ? [at] : []));
    const count = Math.min(share, own.length);
    return Array.from({ length: count }, (_, at) => own[Math.floor((at * own.length) / count)]!);
  });
}
