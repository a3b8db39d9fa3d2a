import type { Augmentation } from '@pomona/catalog';
import { type Random, seededRandom, shuffled } from '@pomona/wire';
import { orientationsOf, randomLighting, randomOrientation, writeCrop, writeMap } from './augment.ts';
import type { Case } from './cases.ts';
import type { Dataset } from './dataset.ts';
import { disturbing } from './disturbance/disturb.ts';
import { drawnCases } from './group-draws.ts';

export interface Batch {
  /** uint8 [cases · views, 3, size, size]; the views of a case are next to each other. Overwritten by the next batch. */
  readonly pixels: Uint8Array;
  /** uint8 [cases · views, cells, cells, 2], turned like the pixels; overwritten too. Empty without maps. */
  readonly defects: Uint8Array;
  readonly cases: readonly Case[];
  /** Positions in the dataset of the images, in the order of `pixels`. */
  readonly images: readonly number[];
}

export interface BatchShape {
  readonly cases: number;
  readonly views: number;
}

/** What the batches of a training are made of. */
export interface BatchMaking {
  readonly dataset: Pick<Dataset, 'inputSize' | 'crops' | 'defects'>;
  readonly cases: readonly Case[];
  readonly shape: BatchShape;
  readonly augmentation: Augmentation;
  readonly groupBalance: number;
  readonly seed: number;
}

/** Those of one epoch, whatever epochs went before. */
export function epochBatches(making: BatchMaking, epoch: number): Generator<Batch> {
  const { dataset, cases, shape, augmentation, groupBalance, seed } = making;
  const random = seededRandom(seed, `batches ${epoch}`);
  return batchesOf(dataset, cases, shape, augmentation, random, groupBalance);
}

/** How many cases a step takes: whole fruits, as many as fit, never more than there are. */
export function batchShapeOf(batchImages: number, views: number, caseCount: number): BatchShape {
  return { cases: Math.max(1, Math.min(caseCount, Math.floor(batchImages / views))), views };
}

/**
 * One epoch in random order with random changes; what is left over at the end gets its turn in another epoch. With
 * `groupBalance`, cases of small groups more often than others.
 */
export function* batchesOf(
  dataset: BatchMaking['dataset'],
  cases: readonly Case[],
  shape: BatchShape,
  strength: Augmentation,
  random: Random,
  groupBalance = 0,
): Generator<Batch> {
  const { inputSize, crops } = dataset;
  const { cells, maps } = dataset.defects ?? { cells: 0, maps: new Uint8Array() };
  const mapBytes = cells * cells * 2;
  const cropBytes = inputSize * inputSize * 3;
  const orientations = orientationsOf(inputSize);
  const mapOrientations = orientationsOf(cells);
  const defects = new Uint8Array(shape.cases * shape.views * mapBytes);
  const pixels = new Uint8Array(shape.cases * shape.views * cropBytes);
  const disturb = disturbing(inputSize, cells, strength);
  const order = drawnCases(cases, groupBalance, random);
  for (let from = 0; from + shape.cases <= order.length; from += shape.cases) {
    const chosen = order.slice(from, from + shape.cases);
    const images = chosen.flatMap((each) => {
      const lighting = randomLighting(random, strength);
      const views = each.images.length > shape.views ? shuffled(each.images, random) : each.images;
      return views.slice(0, shape.views).map((image) => ({ image, lighting }));
    });
    images.forEach(({ image, lighting }, at) => {
      const crop = crops.subarray(image * cropBytes, (image + 1) * cropBytes);
      const out = pixels.subarray(at * cropBytes, (at + 1) * cropBytes);
      const orientation = randomOrientation(random, strength);
      writeCrop(crop, out, orientations[orientation]!, lighting);
      const map = defects.subarray(at * mapBytes, (at + 1) * mapBytes);
      writeMap(maps.subarray(image * mapBytes, (image + 1) * mapBytes), map, mapOrientations[orientation]!);
      disturb?.(out, map, random);
    });
    yield { pixels, defects, cases: chosen, images: images.map(({ image }) => image) };
  }
}
