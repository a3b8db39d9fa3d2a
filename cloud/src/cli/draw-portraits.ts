import { Standardiser } from '@pomona/grading';
import { drawPortrait, drawTurnedPortrait, type TrueGrade, trueGrades } from '@pomona/orchard';
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
  /** From so many sides of a turn each; default one, which shows what its grade is by. */
  readonly views?: number | undefined;
  readonly labels: readonly TrueGrade[];
  /** Of white balance nothing is done: a portrait has no surroundings, and its light is drawn as an estimate leaves it. */
  readonly standardise?: Standardise | undefined;
  readonly onProgress: (drawn: number) => void;
  readonly signal: AbortSignal;
}

/** Of a portrait's crop, pixels, and cells of its map: what `compact` and `local` are made for. */
export const portraitSize = 96;
const cells = 12;

/** Freezes drawn portraits as a dataset version: each a fruit of its own, or several views of one. */
export function drawPortraits(request: DrawPortraits): Promise<ImportedDataset> {
  const { dataFolder, name, seed, count, views = 1, labels, onProgress, signal, standardise } = request;
  const made = standardise === undefined ? '' : `, ${describeStandardise(standardise)}`;
  const seen = views === 1 ? '' : `, ${views} views`;
  const source = `portraits, seed ${seed}, ${count} of ${labels.join(', ')}${seen}${made}`;
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
  > &
    Pick<DrawPortraits, 'count' | 'views'>,
): Promise<DatasetView> {
  const { datasets, output, ...drawn } = given;
  const bar = createCountBar(output, 'portraits');
  try {
    const onProgress = (done: number) => bar.update(done, given.count * (given.views ?? 1));
    const { view } = await drawPortraits({ ...drawn, labels: trueGrades, onProgress });
    await datasets.save(view);
    return view;
  } finally {
    bar.stop();
  }
}

async function* portraits(request: DrawPortraits): AsyncGenerator<LabelledView> {
  const { count, standardise } = request;
  const standardiser = standardise && new Standardiser(standardise);
  for (let index = 0; index < count; index++) {
    for (const view of viewsOf(request, index)) {
      standardiser?.apply(view.crop, portraitSize);
      yield { ...view, group: `portrait-${index}` };
    }
    // Ctrl-C is heard between two of them.
    if (index % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

function viewsOf({ seed, views = 1, labels }: DrawPortraits, index: number): Omit<LabelledView, 'group'>[] {
  const options = { seed, size: portraitSize, cells, grades: labels };
  if (views === 1) {
    const { crop, grade, defects } = drawPortrait(options, index);
    return [{ crop, grade, defects }];
  }
  const fruit = drawTurnedPortrait(options, views, index);
  return fruit.views.map(({ crop, grade, defects }) => ({
    ...{ crop, grade: fruit.grade, defects },
    ...(labels.includes(grade) ? { viewGrade: grade } : {}),
  }));
}
