import { Standardiser } from '@pomona/grading';
import { drawPortrait, type TrueGrade, trueGrades } from '@pomona/orchard';
import { type DatasetView, describeStandardise, type Standardise, systemClock } from '@pomona/wire';
import { DatasetFolderStore } from '../adapters/dataset/dataset-folder.ts';
import type { ImportedDataset } from '../use-cases/import-dataset.ts';
import { importViews, type LabelledView } from '../use-cases/import-dataset-views.ts';
import { createCountBar } from './count-bar.ts';
import type { DrawDataset } from './draw-dataset.ts';

export interface DrawPortraits {
  readonly dataFolder: string;
  readonly name: string;
  readonly seed: number;
  readonly count: number;
  readonly labels: readonly TrueGrade[];
  /** Of white balance nothing is done: a portrait has no surroundings, and its light is drawn as an estimate leaves it. */
  readonly standardise?: Standardise | undefined;
  readonly onProgress: (drawn: number) => void;
  readonly signal: AbortSignal;
}

/** Of a portrait's crop, pixels, and cells of its map: what `compact` and `local` are made for. */
export const portraitSize = 96;
const cells = 12;

/** Freezes drawn portraits, each a fruit of its own, as a dataset version. */
export function drawPortraits(request: DrawPortraits): Promise<ImportedDataset> {
  const { dataFolder, name, seed, count, labels, onProgress, signal, standardise } = request;
  const made = standardise === undefined ? '' : `, ${describeStandardise(standardise)}`;
  const source = `portraits, seed ${seed}, ${count} of ${labels.join(', ')}${made}`;
  return importViews(
    { store: new DatasetFolderStore(dataFolder), clock: systemClock },
    {
      ...{ name, source, labels, inputSize: portraitSize, standardise, seed, defectCells: cells },
      ...{ onProgress, signal },
    },
    portraits(request),
  );
}

/** Portraits of all grades, with a bar for the person who waits, into the registry. */
export async function drawPortraitDataset(
  given: Pick<
    DrawDataset,
    'dataFolder' | 'name' | 'seed' | 'standardise' | 'datasets' | 'output' | 'signal'
  > & { readonly count: number },
): Promise<DatasetView> {
  const { datasets, output, ...drawn } = given;
  const bar = createCountBar(output, 'portraits');
  try {
    const onProgress = (done: number) => bar.update(done, given.count);
    const { view } = await drawPortraits({ ...drawn, labels: trueGrades, onProgress });
    await datasets.save(view);
    return view;
  } finally {
    bar.stop();
  }
}

async function* portraits({ seed, count, labels, standardise }: DrawPortraits): AsyncGenerator<LabelledView> {
  const standardiser = standardise && new Standardiser(standardise);
  for (let index = 0; index < count; index++) {
    const { crop, grade, defects } = drawPortrait({ seed, size: portraitSize, cells, grades: labels }, index);
    standardiser?.apply(crop, portraitSize);
    yield { crop, grade, group: `portrait-${index}`, defects };
    // Ctrl-C is heard between two of them.
    if (index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
