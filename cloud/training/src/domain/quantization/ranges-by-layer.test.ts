import { expect, test } from 'vitest';
import { chooseByLayer } from './ranges-by-layer.ts';

const ways = ['wide', 'narrow'] as const;
type Choice = ReadonlyMap<string, (typeof ways)[number]>;

/** `costs`: what each layer adds by its way. */
function chosen(costs: Readonly<Record<string, Readonly<Record<(typeof ways)[number], number>>>>) {
  let builds = 0;
  const build = (choice: Choice) => {
    builds++;
    return { divergence: [...choice].reduce((sum, [layer, way]) => sum + costs[layer]![way], 0) };
  };
  const choice: Choice = new Map(Object.keys(costs).map((layer) => [layer, 'wide']));
  const result = chooseByLayer({ choice, built: build(choice) }, () => ways, build);
  return { ways: [...result.choice.values()], divergence: result.built.divergence, builds };
}

test('each layer gets the way that does best for it', () => {
  const costs = {
    first: { wide: 1, narrow: 4 },
    second: { wide: 4, narrow: 1 },
    third: { wide: 2, narrow: 9 },
  };
  expect(chosen(costs)).toEqual({ ways: ['wide', 'narrow', 'wide'], divergence: 4, builds: 4 });
});

test('what is hardly better is not chosen', () => {
  expect(chosen({ only: { wide: 1, narrow: 0.97 } }).ways).toEqual(['wide']);
  expect(chosen({ only: { wide: 1, narrow: 0.94 } }).ways).toEqual(['narrow']);
});
