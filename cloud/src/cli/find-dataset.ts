import type { DatasetView } from '@pomona/wire';
import { datasetUnknown } from '../use-cases/dataset-unknown.ts';
import type { Registry } from './with-registry.ts';

/** `NAME` or `NAME@DIGEST` (a prefix will do). Errors: `dataset-unknown`, `digest-ambiguous`. */
export async function findDataset(datasets: Registry['datasets'], reference: string): Promise<DatasetView> {
  const [name = '', digest = ''] = reference.split('@');
  const view = await datasets.find(name, digest);
  if (view === undefined) throw datasetUnknown(reference, await datasets.list());
  return view;
}
