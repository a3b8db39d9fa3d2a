import type { DatasetView } from '@pomona/wire';
import { shortDigest } from './format.ts';

/** Dataset versions to choose from, as the API names them and as people do. */
export function datasetChoices(datasets: readonly DatasetView[] = []): { value: string; label: string }[] {
  return datasets.map(({ name, digest }) => ({
    value: `${name}@${digest}`,
    label: `${name} ${shortDigest(digest)}`,
  }));
}
