import type { LiveEvent, Overview, StationView, StoredFruit } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { foldFruits, foldOverview, foldStation, fruitsKept, recentMs } from './fold-events.ts';

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
    condition: 'never-seen',
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
  const told = (change: Partial<StationView>): LiveEvent => ({
    kind: 'station',
    station: station('north', change),
  });
  const good = (count: number) => ({ fruits: count, grades: [{ grade: 'good', count }] });

  it('counts what a station has more than before: in all, by grade and in its ten seconds', () => {
    const grades = [
      { grade: 'good', count: 12 },
      { grade: 'bad', count: 1 },
    ];
    const next = foldOverview(overview, [
      told({ fruits: 13, grades, lastSeenAt: instant(1_000), fruitsPerSecond: 2.5 }),
      told({
        fruits: 14,
        grades: [...grades, { grade: 'ok', count: 1 }],
        lastSeenAt: instant(6_000),
        fruitsPerSecond: 2.5,
      }),
    ]);
    expect(next.fruits).toBe(24);
    expect(next.fruitsPerSecond).toBe(7.5);
    expect(next.grades).toEqual([
      { grade: 'bad', count: 3 },
      { grade: 'good', count: 20 },
      { grade: 'ok', count: 1 },
    ]);
    expect(next.recent.slice(1)).toEqual([
      {
        at: '2026-03-01T10:00:00.000Z',
        grades: [
          { grade: 'good', count: 20 },
          { grade: 'bad', count: 1 },
        ],
      },
      { at: '2026-03-01T10:00:10.000Z', grades: [{ grade: 'ok', count: 1 }] },
    ]);
  });

  it('counts nothing twice when it is told twice', () => {
    const once = foldOverview(overview, [told(good(13))]);
    const twice = foldOverview(once, [told(good(13))]);
    expect([twice.fruits, twice.grades, twice.recent]).toEqual([once.fruits, once.grades, once.recent]);
  });

  it('does not touch the counts for fruits alone', () => {
    expect(foldOverview(overview, [fruits(fruit(1, 100))])).toBe(overview);
  });

  it('counts fruits that waited on a cut-off device, but does not draw them as if graded now', () => {
    const next = foldOverview(overview, [told(good(111))]);
    expect(next.fruits).toBe(121);
    expect(next.recent).toBe(overview.recent);
    expect(foldOverview(overview, [told(good(110))]).recent.at(-1)?.grades).toEqual([
      { grade: 'good', count: 118 },
    ]);
  });

  it('counts a station that is new', () => {
    const next = foldOverview(overview, [{ kind: 'station', station: station('pole') }]);
    expect(next.fruits).toBe(30);
    expect(next.stations.map((view) => view.station)).toEqual(['north', 'pole', 'south']);
  });

  it('keeps five minutes, however long it runs', () => {
    let next = overview;
    for (let i = 1; i <= 100; i++)
      next = foldOverview(next, [told({ ...good(10 + i), lastSeenAt: instant(i * 10_000) })]);
    expect(next.recent).toHaveLength(recentMs / 10_000);
    expect(next.recent.at(-1)?.at).toBe('2026-03-01T10:16:40.000Z');
    expect(next.fruits).toBe(120);
  });

  it('begins buckets at whole tens of seconds when there was none', () => {
    const next = foldOverview({ ...overview, recent: [] }, [
      told({ ...good(11), lastSeenAt: instant(1_234) }),
    ]);
    expect(next.recent).toEqual([{ at: '2026-03-01T10:00:00.000Z', grades: [{ grade: 'good', count: 1 }] }]);
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
