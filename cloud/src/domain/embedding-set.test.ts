import { expect, it } from 'vitest';
import { areEmbeddingColumns, embeddingColumns, embeddingSet } from './embedding-set.ts';

const model = { name: 'apples', version: 3, digest: 'a'.repeat(64) };

it('has the areas of a network that draws a map before its embedding, and none of one that does not', () => {
  expect(embeddingColumns(2, true)).toEqual(['defectShare', 'rotShare', 'e0', 'e1']);
  expect(embeddingColumns(2, false)).toEqual(['e0', 'e1']);
  const { set, columns } = embeddingSet(model, embeddingColumns(1, true));
  expect(set).toBe('embedding@aaaaaaaaaaaa');
  expect(columns.map(({ name, unit }) => [name, unit])).toEqual([
    ['defectShare', 'share 0..1'],
    ['rotShare', 'share 0..1'],
    ['e0', 'activation'],
  ]);
});

it('tells what another version of the program may have kept from its own form', () => {
  for (const hasMap of [true, false]) expect(areEmbeddingColumns(embeddingColumns(64, hasMap))).toBe(true);
  for (const other of [
    ...[[], ['e1', 'e0'], ['e0', 'e2'], ['e0', 'defectShare', 'rotShare'], ['defectShare', 'rotShare']],
    ...[
      ['defectShare', 'e0'],
      ['defectShare', 'rotShare', 'bruiseShare', 'e0'],
    ],
  ])
    expect(areEmbeddingColumns(other), other.join()).toBe(false);
});
