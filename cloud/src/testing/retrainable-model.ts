import { type ModelView, seededRandom, systemClock } from '@pomona/wire';
import { DatasetFolderStore } from '../adapters/dataset/dataset-folder.ts';
import { importViews, type LabelledView } from '../use-cases/import-dataset-views.ts';
import type { TestControlPlane } from './test-control-plane.ts';

export const labels = ['good', 'bad'];
export const inputSize = 32;
export const viewsPerFruit = 3;
const random = seededRandom(1, 'retraining');

/** Grey where good, dark where bad, and noise: uint8 [size, size, 3]. */
export function drawView(grade: string): Uint8Array {
  const level = grade === 'good' ? 170 : 60;
  return new Uint8Array(inputSize ** 2 * 3).map(() => level + Math.floor(random.next() * 20));
}

/** A small dataset version, and `apples@1` that is said to be made of it and is the champion. */
export async function saveChampion({ folder, plane: { stores } }: TestControlPlane): Promise<void> {
  const { view: base } = await importViews(
    { store: new DatasetFolderStore(folder), clock: systemClock },
    { name: 'drawn', source: 'test', labels, inputSize, seed: 1, defectCells: 8 },
    drawnFruit(),
  );
  await stores.datasets.save(base);
  const champion = {
    name: 'apples',
    version: 1,
    digest: 'a'.repeat(64),
    network: 'sequential',
    parameters: {},
  };
  const createdAt = new Date(0).toISOString();
  await stores.models.save({ ...champion, createdAt, labels, dataset: base } as unknown as ModelView);
  await stores.models.setAlias({
    ...{ name: 'apples', alias: 'champion', version: 1, actor: 'ada' },
    ...{ reason: 'the first', detail: '', atMs: 0 },
  });
}

function* drawnFruit(): Generator<LabelledView> {
  for (let fruit = 0; fruit < 30; fruit++) {
    const grade = labels[fruit % 2]!;
    const defects = new Uint8Array(8 * 8 * 2).fill(grade === 'bad' ? 200 : 0);
    for (let i = 0; i < viewsPerFruit; i++)
      yield { crop: drawView(grade), grade, viewGrade: grade, group: `drawn-${fruit}`, defects };
  }
}
