import type { StationView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { waveSizes } from './rollout-plan.ts';
import { absentPlaces, selectStations } from './station-query.ts';

const view = (site: string, line: string, station: string, state: 'online' | 'offline' = 'online') =>
  ({ site, line, station, status: { state, board: 'pi 5' }, reported: null }) as unknown as StationView;
const views = [
  view('north', 'line-1', 'a', 'offline'),
  view('north', 'line-2', 'b'),
  view('south', 'line-1', 'c'),
  view('so.th', 'line-1', 'd'),
];
const namesOf = (query: Parameters<typeof selectStations>[0]) =>
  selectStations(query, views).map(({ station }) => station);

describe('a station query', () => {
  it('selects all when it says nothing, those online first', () =>
    expect(namesOf({})).toEqual(['b', 'c', 'd', 'a']));
  it('wants every attribute to match one of its patterns', () => {
    expect(namesOf({ line: ['line-1'], site: ['n*', 'south'] })).toEqual(['c', 'a']);
    expect(namesOf({ board: ['pi*'], station: ['*'] })).toHaveLength(4);
  });
  it('takes no character but the star for anything but itself', () =>
    expect(namesOf({ site: ['so.th'] })).toEqual(['d']));
  it('tells of places by name that there are not', () => {
    expect(absentPlaces({ station: ['a', 'z', 'y*'], site: ['nroth'], line: ['line-1'] }, views)).toEqual([
      { part: 'site', name: 'nroth' },
      { part: 'station', name: 'z' },
    ]);
    expect(absentPlaces({ release: ['apples@9'], board: ['pi 9'] }, views)).toEqual([]);
  });
  it('does not match what is not known', () => expect(namesOf({ release: ['*'] })).toEqual([]));
});

describe('waves', () => {
  it('grow from the base after the canary up to the most, and hold all stations', () => {
    expect(waveSizes({ canary: 1, waves: { base: 10, factor: 3, max: 50 } }, 200)).toEqual([
      1, 10, 30, 50, 50, 50, 9,
    ]);
    expect(waveSizes({ canary: 0.1, waves: { base: 2, factor: 1, max: 9 } }, 7)).toEqual([1, 2, 2, 2]);
    expect(waveSizes({ canary: 5, waves: { base: 2, factor: 1, max: 9 } }, 3)).toEqual([3]);
  });
});
