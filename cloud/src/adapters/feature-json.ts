import type { FeatureRow } from '@pomona/wire';
import type { FeatureSet } from '../domain/feature-set.ts';

/** As one JSON document `{"set", "rows"}`, part by part. */
export async function* featureJson(
  { set }: FeatureSet,
  parts: AsyncIterable<readonly FeatureRow[]>,
): AsyncGenerator<string> {
  yield `{"set":${JSON.stringify(set)},"rows":[`;
  let before = '';
  for await (const rows of parts) {
    for (const row of rows) {
      yield `${before}${JSON.stringify(row)}`;
      before = ',';
    }
  }
  yield ']}\n';
}
