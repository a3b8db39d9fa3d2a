import type { StationView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { needsALook, silentAfterMs, stationCondition } from './station-condition.ts';

const nowMs = Date.parse('2026-03-01T10:00:00.000Z');
const status = {
  v: 1,
  boot: '00112233aabbccdd',
  seq: 0,
  at: '2026-03-01T09:00:00.000Z',
  state: 'online',
  agentVersion: '1',
  board: 'test',
  release: null,
  clock: 'synced',
} as const;

function station(change: Partial<StationView>): StationView {
  return {
    site: 'demo',
    line: 'line-1',
    station: 'north',
    enrolledAt: '2026-03-01T08:00:00.000Z',
    lastSeenAt: '2026-03-01T09:59:59.000Z',
    status,
    reported: null,
    health: null,
    desired: null,
    fruits: 0,
    fruitsPerSecond: 0,
    grades: [],
    ...change,
  };
}

describe('stationCondition', () => {
  it('tells a claim from an enrolled station that never spoke', () => {
    expect(stationCondition(station({ status: null, enrolledAt: null, lastSeenAt: null }), nowMs)).toBe(
      'awaited',
    );
    expect(stationCondition(station({ status: null, lastSeenAt: null }), nowMs)).toBe('never');
  });

  it('believes "online" only while something comes', () => {
    const seenAgo = (ms: number) => station({ lastSeenAt: new Date(nowMs - ms).toISOString() });
    expect(stationCondition(seenAgo(silentAfterMs), nowMs)).toBe('online');
    expect(stationCondition(seenAgo(silentAfterMs + 1), nowMs)).toBe('silent');
  });

  it('takes the word of the will', () => {
    expect(stationCondition(station({ status: { ...status, state: 'offline' } }), nowMs)).toBe('offline');
  });
});

describe('needsALook', () => {
  const failed: StationView['reported'] = {
    v: 1,
    boot: status.boot,
    seq: 1,
    at: status.at,
    desiredCounter: 1,
    update: { state: 'failed', release: null, fetchedBytes: 0, totalBytes: 0, reason: 'wrong hash' },
    running: null,
    recipeVersion: null,
  };

  it('is true of a station that is gone or whose update failed, false of one that works or waits', () => {
    expect(needsALook(station({ status: { ...status, state: 'offline' } }), nowMs)).toBe(true);
    expect(needsALook(station({ reported: failed }), nowMs)).toBe(true);
    expect(needsALook(station({}), nowMs)).toBe(false);
    expect(needsALook(station({ status: null, enrolledAt: null }), nowMs)).toBe(false);
  });
});
