import { expect, test } from 'vitest';
import { defectCellsOf, multiplicationsOf } from './multiplications.ts';
import { networkNamed, networkNames } from './networks.ts';

test.each(networkNames)('%s ends in its logits, after a layer that gives the embedding', (name) => {
  const { layers } = networkNamed(name)!;
  expect(layers.filter(({ kind }) => kind.endsWith('classifier'))).toEqual([layers.at(-1)]);
  expect(layers.length).toBeGreaterThan(1);
});

test('a name that is not in the catalog gives nothing', () => {
  expect(networkNamed('constructor')).toBeUndefined();
});

test.each(['compact', 'local'])(
  '%s stays within 25 million multiplications at 96×96, with channels in multiples of 16',
  (name) => {
    const network = networkNamed(name)!;
    const millions = multiplicationsOf(network, 96, 3) / 1e6;
    console.log(`${name} at 96×96: ${millions.toFixed(2)} MMAC`);
    expect(millions).toBeLessThan(25);
    for (const layer of network.layers) if ('filters' in layer) expect(layer.filters % 16).toBe(0);
    expect(defectCellsOf(network, 96)).toBe(12);
  },
);

test('counts the multiplications of each layer', () => {
  // 32² cells of 16 filters of 5×5×3, 16² of 32 of 5×5×16, 16² of 2 of 32, 34 normalised and brought to 3.
  const expected = 32 ** 2 * 16 * 75 + 16 ** 2 * 32 * 400 + 16 ** 2 * 2 * 32 + 34 + 34 * 3;
  expect(multiplicationsOf(networkNamed('sequential')!, 64, 3)).toBe(expected);
});
