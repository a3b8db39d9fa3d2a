import { digestOf } from '@pomona/release';
import type { Clock, DatasetView } from '@pomona/wire';
import { type DatasetFile, datasetDigestOf, datasetViewOf } from '../domain/dataset.ts';
import { datasetError } from '../domain/dataset-errors.ts';
import { shrinkPicture } from '../domain/shrink-picture.ts';
import type { DatasetStore } from './dataset-ports.ts';
import type { FreezeSamplesPorts } from './freeze-samples.ts';

export interface ResizeDatasetPorts {
  readonly store: DatasetStore;
  readonly clock: Clock;
  readonly readBase: FreezeSamplesPorts['readBase'];
  readonly datasets: { save(dataset: DatasetView): Promise<unknown> };
}

/**
 * The images of a version at a smaller size, with the same labels and splits, as a dataset of its own (`NAME-SIZE`): a model takes crops of the size
 * that it learnt from. The version itself where it has that size. Errors: `dataset-size-unsuited`, `dataset-damaged`, `dataset-not-written`.
 */
export async function resizeDataset(
  { store, clock, readBase, datasets }: ResizeDatasetPorts,
  base: DatasetView,
  size: number,
): Promise<DatasetView> {
  if (size === base.inputSize) return base;
  const { file: old, crops, maps } = await readBase(base);
  if (size > old.inputSize) {
    throw datasetError(
      'dataset-size-unsuited',
      `${old.name} has images of ${old.inputSize} pixels, which cannot become ${size}`,
    );
  }
  const cells = old.defectCells === undefined ? undefined : cellsAt(old, size);
  const resized: DatasetFile['images'] = [];
  const draft = await store.begin(`${old.name}-${size}`);
  try {
    const cropBytes = old.inputSize ** 2 * 3;
    const mapBytes = (old.defectCells ?? 0) ** 2 * 2;
    for (const [at, { defects: known, ...image }] of old.images.entries()) {
      const crop = shrinkPicture(
        crops.subarray(at * cropBytes, (at + 1) * cropBytes),
        old.inputSize,
        size,
        3,
      );
      const map =
        maps && shrinkPicture(maps.subarray(at * mapBytes, (at + 1) * mapBytes), old.defectCells!, cells!, 2);
      await draft.append(crop, map);
      resized.push({
        ...image,
        digest: digestOf(crop),
        ...(map === undefined || known === undefined ? {} : { defects: digestOf(map) }),
      });
    }
    const file: DatasetFile = {
      ...old,
      name: `${old.name}-${size}`,
      digest: datasetDigestOf({ ...old, inputSize: size, images: resized }),
      createdAt: new Date(clock.nowMs()).toISOString(),
      inputSize: size,
      images: resized,
      ...(cells === undefined ? {} : { defectCells: cells }),
      notes: [...old.notes, `made smaller from ${old.name}@${old.digest}`],
    };
    const view = datasetViewOf((await draft.commit(file)).file);
    await datasets.save(view);
    return view;
  } finally {
    await draft.discard();
  }
}

/** Drawn cells along a side, each as many pixels as before. Throws `dataset-size-unsuited` where that is no whole number. */
function cellsAt({ name, inputSize, defectCells = 0 }: DatasetFile, size: number): number {
  const cells = (defectCells * size) / inputSize;
  if (Number.isInteger(cells)) return cells;
  throw datasetError(
    'dataset-size-unsuited',
    `${name} has maps of defects of ${defectCells} cells for ${inputSize} pixels, which do not divide ${size}`,
  );
}
