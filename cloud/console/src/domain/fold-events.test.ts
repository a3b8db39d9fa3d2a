import type { LiveEvent, Overview, StationView, StoredFruit } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { foldFruits, foldOverview, foldStation, foldStations, fruitsKept, recentMs } from './fold-events.ts';

const madeAt = Date.parse('2026-03-01T10:00:05.000Z');
const instant = (ms: number) => new Date(madeAt + ms).toISOString();

function fruit(seq: number, afterMs: number, change: Partial<StoredFruit> = {}): StoredFruit {
  return {
    seq,
    at: instant(afterMs),
    lane: 0,
    positionMm: 0,
    grade: 'good',
    gate: 0,
    outcome: 'graded',
    probabilities: [0.9, 0.1],
    views: 6,
    diameterMm: 70,
    colour: [200, 80, 40],
    latencyMs: 20,
    site: 'demo',
    line: 'line-1',
    station: 'north',
    boot: '00112233aabbccdd',
    releaseDigest: 'a'.repeat(64),
    labels: ['good', 'bad'],
    receivedAt: instant(afterMs),
    ...change,
  };
}

function station(name: string, change: Partial<StationView> = {}): StationView {
  return {
    site: 'demo',
    line: 'line-1',
    station: name,
    enrolledAt: instant(0),
    lastSeenAt: instant(0),
    status: null,
    reported: null,
    health: null,
    desired: null,
    fruits: 10,
    fruitsPerSecond: 5,
    grades: [{ grade: 'good', count: 10 }],
    ...change,
  };
}

const overview: Overview = {
  at: instant(0),
  stations: [station('north'), station('south')],
  fruits: 20,
  fruitsPerSecond: 10,
  grades: [
    { grade: 'bad', count: 2 },
    { grade: 'good', count: 18 },
  ],
  rejectedMessages: [],
  recent: [
    { at: '2026-03-01T09:59:50.000Z', grades: [] },
    { at: '2026-03-01T10:00:00.000Z', grades: [{ grade: 'good', count: 18 }] },
  ],
};

const fruits = (...list: StoredFruit[]): LiveEvent => ({ kind: 'fruits', fruits: list });

describe('foldOverview', () => {
  it('adds fruits to the total, to their grade and to their ten seconds', () => {
    const next = foldOverview(overview, [
      fruits(fruit(1, 100), fruit(2, 200, { grade: 'bad' }), fruit(3, 6_000)),
    ]);
    expect(next.fruits).toBe(23);
    expect(next.grades).toEqual([
      { grade: 'bad', count: 3 },
      { grade: 'good', count: 20 },
    ]);
    expect(next.recent.slice(1)).toEqual([
      {
        at: '2026-03-01T10:00:00.000Z',
        grades: [
          { grade: 'good', count: 19 },
          { grade: 'bad', count: 1 },
        ],
      },
      { at: '2026-03-01T10:00:10.000Z', grades: [{ grade: 'good', count: 1 }] },
    ]);
  });

  it('does not count a fruit again that the overview has already', () => {
    expect(foldOverview(overview, [fruits(fruit(1, 0), fruit(2, -500))])).toBe(overview);
  });

  it('keeps five minutes, however long it runs', () => {
    let next = overview;
    for (let i = 1; i <= 100; i++) next = foldOverview(next, [fruits(fruit(i, i * 10_000))]);
    expect(next.recent).toHaveLength(recentMs / 10_000);
    expect(next.recent.at(-1)?.at).toBe('2026-03-01T10:16:40.000Z');
  });

  it('begins buckets at whole tens of seconds when there was none', () => {
    const next = foldOverview({ ...overview, recent: [] }, [fruits(fruit(1, 1_234))]);
    expect(next.recent).toEqual([{ at: '2026-03-01T10:00:00.000Z', grades: [{ grade: 'good', count: 1 }] }]);
  });

  it('counts a late arrival where it was graded if the device knows the time, and on arrival if not', () => {
    const late = fruit(1, 6_000, { at: '2026-03-01T09:59:55.000Z' });
    const status = (clock: 'synced' | 'unsynced'): StationView['status'] => ({
      v: 1,
      boot: late.boot,
      seq: 0,
      at: instant(0),
      state: 'online',
      agentVersion: '1',
      board: 'test',
      release: null,
      clock,
    });
    const bucketsWith = (clock: 'synced' | 'unsynced') =>
      foldOverview({ ...overview, stations: [station('north', { status: status(clock) })] }, [
        fruits(late),
      ]).recent.map(({ grades }) => grades.reduce((sum, { count }) => sum + count, 0));
    expect(bucketsWith('synced')).toEqual([1, 18]);
    expect(bucketsWith('unsynced')).toEqual([0, 18, 1]);
  });

  it('leaves out of the chart what is older than it, and still counts it', () => {
    const old = fruit(1, 100, { at: '2020-01-01T00:00:00.000Z' });
    const next = foldOverview(overview, [fruits(old)]);
    expect(next.fruits).toBe(21);
  });

  it('takes a station as its event gives it, and the rate as the sum of theirs', () => {
    const next = foldOverview(overview, [
      { kind: 'station', station: station('south', { fruitsPerSecond: 2.5, fruits: 44 }) },
    ]);
    expect(next.stations.map((view) => view.fruits)).toEqual([10, 44]);
    expect(next.fruitsPerSecond).toBe(7.5);
    expect(next.fruits).toBe(20);
  });
});

describe('foldStations', () => {
  it('puts a new station in its place', () => {
    const next = foldStations(overview.stations, [{ kind: 'station', station: station('pole') }]);
    expect(next.map((view) => view.station)).toEqual(['north', 'pole', 'south']);
  });
});

describe('foldStation', () => {
  it('takes the last event of that station alone', () => {
    const events: LiveEvent[] = [11, 12].map((count) => ({
      kind: 'station',
      station: station('north', { fruits: count }),
    }));
    expect(foldStation(station('north'), events).fruits).toBe(12);
    const other = station('south');
    expect(foldStation(other, events)).toBe(other);
  });
});

describe('foldFruits', () => {
  it('keeps the last to arrive first, each once, of one station if asked', () => {
    const kept = [fruit(2, 200), fruit(1, 100)];
    const event = fruits(fruit(2, 200), fruit(3, 300), fruit(9, 400, { station: 'south' }));
    expect(foldFruits(kept, [event], 'north').map(({ seq }) => seq)).toEqual([3, 2, 1]);
    expect(foldFruits(kept, [event]).map(({ seq }) => seq)).toEqual([9, 3, 2, 1]);
  });

  it('takes equal numbers of two boots for two fruits', () => {
    const reborn = fruit(1, 300, { boot: 'ffffffffffffffff' });
    expect(foldFruits([fruit(1, 100)], [fruits(reborn)])).toHaveLength(2);
  });

  it('is bounded', () => {
    const many = Array.from({ length: 500 }, (_, i) => fruit(i, i));
    const next = foldFruits([], [fruits(...many)]);
    expect(next).toHaveLength(fruitsKept);
    expect(next[0]?.seq).toBe(499);
  });

  it('returns the same list when nothing of it came', () => {
    const kept = [fruit(1, 100)];
    expect(foldFruits(kept, [fruits(fruit(2, 200))], 'south')).toBe(kept);
  });
});
