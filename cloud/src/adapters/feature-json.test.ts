import type { FeatureRow } from '@pomona/wire';
import { expect, it } from 'vitest';
import { featureSets } from '../domain/feature-set.ts';
import { featureJson } from './feature-json.ts';

async function written(parts: readonly (readonly FeatureRow[])[]): Promise<unknown> {
  const pages = (async function* () {
    yield* parts;
  })();
  let text = '';
  for await (const part of featureJson(featureSets[0]!, pages)) text += part;
  return JSON.parse(text);
}

it('is one document of all rows, however they come', async () => {
  const rows: FeatureRow[] = [1, 2, 3].map((seq) => ({ seq, luma: seq === 2 ? null : 0.5 }));
  const { set } = featureSets[0]!;
  expect(await written([rows.slice(0, 2), [], rows.slice(2)])).toEqual({ set, rows });
  expect(await written([])).toEqual({ set, rows: [] });
});
