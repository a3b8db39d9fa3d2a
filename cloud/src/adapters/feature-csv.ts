import type { FeatureRow } from '@pomona/wire';
import type { FeatureSet } from '../domain/feature-set.ts';

/** CSV (RFC 4180, with line feeds): the names of keys and columns, then a line per row. A figure that there is not stays empty. */
export async function* featureCsv(
  { keys, columns }: FeatureSet,
  parts: AsyncIterable<readonly FeatureRow[]>,
): AsyncGenerator<string> {
  const names = [...keys, ...columns.map(({ name }) => name)];
  yield `${names.join()}\n`;
  for await (const rows of parts)
    yield rows.map((row) => `${names.map((name) => quoted(String(row[name] ?? ''))).join()}\n`).join('');
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
