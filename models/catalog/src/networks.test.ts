import { expect, test } from 'vitest';
import { networkNamed, networkNames } from './networks.ts';

test.each(networkNames)('%s ends in its logits, after a layer that gives the embedding', (name) => {
  const { layers } = networkNamed(name)!;
  expect(layers.filter(({ kind }) => kind === 'classifier')).toHaveLength(1);
  expect(layers.at(-1)).toEqual({ kind: 'classifier' });
  expect(layers.length).toBeGreaterThan(1);
});

test('a name that is not in the catalog gives nothing', () => {
  expect(networkNamed('constructor')).toBeUndefined();
});
