import { describe, expect, it } from 'vitest';
import { naturalOrder, placeOrder } from './natural-order.ts';

describe('names', () => {
  it('are ordered by the numbers in them, at the end or between', () => {
    const names = ['sim-10', 'sim-2', 'line-10-b', 'sim-1', 'line-9-b', 'north'];
    expect(names.sort(naturalOrder)).toEqual(['line-9-b', 'line-10-b', 'north', 'sim-1', 'sim-2', 'sim-10']);
  });

  it('of stations are ordered by site and line first', () => {
    const at = (site: string, line: string, station: string) => ({ site, line, station });
    const places = [
      at('b', 'line-1', 'a'),
      at('a', 'line-10', 'a'),
      at('a', 'line-2', 'c-10'),
      at('a', 'line-2', 'c-9'),
    ];
    expect(places.sort(placeOrder).map(({ site, line, station }) => `${site}/${line}/${station}`)).toEqual([
      'a/line-2/c-9',
      'a/line-2/c-10',
      'a/line-10/a',
      'b/line-1/a',
    ]);
  });
});
