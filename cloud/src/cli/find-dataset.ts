import { AppError, type DatasetView } from '@pomona/wire';
import type { Registry } from './with-registry.ts';

/** `NAME` or `NAME@DIGEST` (a prefix will do). Errors: `dataset-unknown`, `digest-ambiguous`. */
export async function findDataset(datasets: Registry['datasets'], reference: string): Promise<DatasetView> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await datasets.find(name, digest);
  if (view === undefined) {
    throw new AppError('dataset-unknown', `there is no dataset ${reference}`, {
      hint: 'See what there is with `pomona dataset list`, or make one with `pomona dataset import`.',
    });
  }
  return view;
}
