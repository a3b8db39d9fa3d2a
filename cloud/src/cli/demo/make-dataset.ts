import { resolve } from 'node:path';
import type { DatasetView } from '@pomona/wire';
import { importFolder } from '../dataset.ts';
import { drawDataset } from '../draw-dataset.ts';
import type { Output } from '../output.ts';
import type { Registry } from '../with-registry.ts';

export interface MakeDatasetOptions {
  readonly dataFolder: string;
  readonly images?: string;
  readonly seed: number;
  readonly trainingFruits: number;
  readonly datasets: Registry['datasets'];
  readonly project: Registry['project'];
  readonly photographs: Registry['photographs'];
  readonly output: Output;
  readonly signal: AbortSignal;
}

const labels = ['good', 'ok', 'bad'];
const inputSize = 64;

/** A dataset version of photographs or of drawn fruit; one of the same source that is there already is taken. */
export async function makeDataset(options: MakeDatasetOptions): Promise<DatasetView> {
  const { dataFolder, images, seed, datasets, project, photographs, output, signal } = options;
  if (images === undefined)
    return drawDataset({ ...options, name: 'orchard', fruits: options.trainingFruits });
  output.say(`dataset   photographs of ${images}`);
  return importFolder({
    ...{
      dataFolder,
      folder: resolve(images),
      name: 'photographs',
      labels,
      inputSize,
      seed,
      datasets,
      project,
      photographs,
      output,
      signal,
    },
  });
}
