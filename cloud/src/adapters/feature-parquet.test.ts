import type { FeatureRow } from '@pomona/wire';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { findFeatureSet } from '../domain/feature-set.ts';
import { featureParquet } from './feature-parquet.ts';

const rows = 11_000;

async function* parts(): AsyncGenerator<FeatureRow[]> {
  for (let from = 0; from < rows; from += 1_000)
    yield Array.from({ length: 1_000 }, (_, i) => ({
      ...{ group: `fruit, ${from + i}`, grade: i % 2 === 0 ? 'good' : null, split: 'train' },
      ...{ images: from + i, luma: (from + i) / 7 },
    }));
}

it('writes a long table group by group, never all of it at once', async () => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of featureParquet(findFeatureSet('group'), parts())) chunks.push(chunk);
  expect(chunks.length).toBe(4);
  const bytes = Buffer.concat(chunks);
  const file = new Uint8Array(bytes).buffer;
  const { row_groups, key_value_metadata } = parquetMetadata(file);
  expect(row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([5_000, 5_000, 1_000]);
  expect(key_value_metadata).toContainEqual({ key: 'pomona.set', value: 'group@2' });
  const last = await parquetReadObjects({ file, rowStart: rows - 2 });
  expect(last).toMatchObject([
    { group: 'fruit, 10998', grade: 'good', images: 10_998n, luma: 10_998 / 7, red: null },
    { group: 'fruit, 10999', grade: null, images: 10_999n, luma: 10_999 / 7, red: null },
  ]);
});
