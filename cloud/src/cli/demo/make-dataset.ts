import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { defectCellPx, type FruitViews, renderViewsInParallel } from '@pomona/orchard';
import { type DatasetView, systemClock } from '@pomona/wire';
import { DatasetFolderStore } from '../../adapters/dataset/dataset-folder.ts';
import { importViews, type LabelledView } from '../../use-cases/import-dataset-views.ts';
import { createCountBar } from '../count-bar.ts';
import { importPhotographs } from '../dataset.ts';
import type { Output } from '../output.ts';
import type { Registry } from '../with-registry.ts';

export interface MakeDatasetOptions {
  readonly dataFolder: string;
  readonly images?: string;
  readonly seed: number;
  readonly trainingFruits: number;
  readonly datasets: Registry['datasets'];
  readonly output: Output;
  readonly signal: AbortSignal;
}

const labels = ['good', 'ok', 'bad'];
const inputSize = 64;
const viewsPerFruit = 8;

/** A dataset version of photographs or of drawn fruit; one of the same source that is there already is taken. */
export async function makeDataset(options: MakeDatasetOptions): Promise<DatasetView> {
  const { dataFolder, images, seed, datasets, output, signal } = options;
  if (images !== undefined) {
    output.say(`dataset   photographs of ${images}`);
    const folder = resolve(images);
    return importPhotographs({
      ...{ dataFolder, folder, name: 'photographs', labels, inputSize, seed, datasets, output, signal },
    });
  }
  const source = `orchard, seed ${seed}, ${options.trainingFruits} fruits, ${viewsPerFruit} views`;
  const known = (await datasets.list()).find((view) => view.name === 'orchard' && view.source === source);
  if (known !== undefined) {
    output.say(`dataset   orchard@${known.digest.slice(0, 12)} is there already`);
    return known;
  }
  output.say(`dataset   drawing ${options.trainingFruits} apples, ${viewsPerFruit} views each`);
  const bar = createCountBar(output, 'fruits');
  try {
    const { view } = await importViews(
      { store: new DatasetFolderStore(dataFolder), clock: systemClock },
      { name: 'orchard', source, labels, inputSize, seed, signal, defectCells: inputSize / defectCellPx },
      drawnViews(options, (done) => bar.update(done, options.trainingFruits)),
    );
    await datasets.save(view);
    return view;
  } finally {
    bar.stop();
  }
}

async function* drawnViews(
  options: MakeDatasetOptions,
  onFruit: (done: number) => void,
): AsyncGenerator<LabelledView> {
  const { seed, trainingFruits: fruits } = options;
  let done = 0;
  const views = { seed, fruits, viewsPerFruit, size: inputSize };
  for await (const fruit of renderViewsInParallel(views, availableParallelism())) {
    yield* viewsOf(fruit);
    onFruit(++done);
  }
}

function* viewsOf({ group, grade, crops, viewGrades, defects }: FruitViews): Generator<LabelledView> {
  const bytes = inputSize * inputSize * 3;
  const mapBytes = defects.byteLength / viewGrades.length;
  for (const [i, viewGrade] of viewGrades.entries()) {
    const crop = crops.subarray(i * bytes, (i + 1) * bytes);
    const map = defects.subarray(i * mapBytes, (i + 1) * mapBytes);
    yield { crop, grade, group: `fruit-${group}`, viewGrade, defects: map };
  }
}
