import { availableParallelism } from 'node:os';
import { defectCellPx, type FruitViews, renderViewsInParallel } from '@pomona/orchard';
import { counted, type DatasetView, describeStandardise, type Standardise, systemClock } from '@pomona/wire';
import { DatasetFolderStore } from '../adapters/dataset/dataset-folder.ts';
import { importViews, type LabelledView } from '../use-cases/import-dataset-views.ts';
import { createCountBar } from './count-bar.ts';
import type { Output } from './output.ts';
import type { Registry } from './with-registry.ts';

export interface DrawDataset {
  readonly dataFolder: string;
  readonly name: string;
  readonly seed: number;
  readonly fruits: number;
  /** Side of the crops, pixels, a multiple of 8; default `lineCropSize`. */
  readonly size?: number;
  /** What is done to the colours of the crops. */
  readonly standardise?: Standardise | undefined;
  /** Fruits with all their views, or views that each have the grade of what they show. */
  readonly cases?: 'fruits' | 'views';
  /** Told each fruit as it is drawn; not those of a version that is there already. */
  readonly onFruit?: (fruit: FruitViews) => void;
  readonly datasets: Pick<Registry['datasets'], 'list' | 'save'>;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const labels = ['good', 'ok', 'bad'];
/** Of the crops that `sequential` learns from, pixels. */
export const lineCropSize = 64;
const viewsPerFruit = 8;

/** For what is drawn for a bench and stands in no registry. */
export const noDatasets: DrawDataset['datasets'] = { list: async () => [], save: async () => undefined };

/** Freezes drawn apples with their defect maps as a dataset version; one that was drawn the same way before is taken. */
export async function drawDataset(request: DrawDataset): Promise<DatasetView> {
  const {
    dataFolder,
    name,
    seed,
    fruits,
    size = lineCropSize,
    datasets,
    output,
    signal,
    standardise,
  } = request;
  const sized = size === lineCropSize ? '' : `, ${size} pixels`;
  const made = standardise === undefined ? '' : `, ${describeStandardise(standardise)}`;
  const judged = request.cases === 'views' ? ', views' : '';
  const source = `orchard, seed ${seed}, ${counted(fruits, 'fruit')}, ${counted(viewsPerFruit, 'view')}${sized}${made}${judged}`;
  const known = (await datasets.list()).find((view) => view.name === name && view.source === source);
  if (known !== undefined) {
    output.say(`dataset   ${name}@${known.digest.slice(0, 12)} is there already`);
    return known;
  }
  output.say(`dataset   drawing ${fruits} apples, ${counted(viewsPerFruit, 'view')} each`);
  const bar = createCountBar(output, 'fruits');
  try {
    const { view } = await importViews(
      { store: new DatasetFolderStore(dataFolder), clock: systemClock },
      { name, source, labels, inputSize: size, standardise, seed, signal, defectCells: size / defectCellPx },
      drawnViews(request, (done) => bar.update(done, fruits)),
    );
    await datasets.save(view);
    return view;
  } finally {
    bar.stop();
  }
}

async function* drawnViews(
  { seed, fruits, size = lineCropSize, standardise, cases, onFruit }: DrawDataset,
  onProgress: (done: number) => void,
): AsyncGenerator<LabelledView> {
  let done = 0;
  const views = { seed, fruits, viewsPerFruit, size, standardise };
  for await (const fruit of renderViewsInParallel(views, availableParallelism())) {
    onFruit?.(fruit);
    yield* viewsOf(fruit, size, cases === 'views');
    onProgress(++done);
  }
}

/** The group that a drawn fruit's views are in. */
export function groupOf({ group }: Pick<FruitViews, 'group'>): string {
  return `fruit-${group}`;
}

function* viewsOf(drawn: FruitViews, size: number, isEachACase: boolean): Generator<LabelledView> {
  const { grade, crops, viewGrades, defects } = drawn;
  const group = groupOf(drawn);
  const bytes = size * size * 3;
  const mapBytes = defects.byteLength / viewGrades.length;
  for (const [i, viewGrade] of viewGrades.entries()) {
    const crop = crops.subarray(i * bytes, (i + 1) * bytes);
    const map = defects.subarray(i * mapBytes, (i + 1) * mapBytes);
    const fruit = { crop, grade, group, viewGrade, defects: map };
    yield isEachACase ? { ...fruit, grade: viewGrade, group: `${group}-${i}` } : fruit;
  }
}
