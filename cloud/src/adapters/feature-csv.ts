import type { FeatureRow } from '@pomona/wire';
import type { FeatureSet } from '../domain/feature-set.ts';
import { csvLines, csvOf } from './csv.ts';

/** As CSV, part by part: the names of keys and columns, then a line per row. A figure that there is not stays empty. */
export async function* featureCsv(
  { keys, columns }: FeatureSet,
  parts: AsyncIterable<readonly FeatureRow[]>,
): AsyncGenerator<string> {
  const names = [...keys, ...columns.map(({ name }) => name)];
  yield csvOf(names, []);
  for await (const rows of parts) yield csvLines(names, rows);
}
