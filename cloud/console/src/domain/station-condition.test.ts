import type { StationView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { conditionText, needsALook, runningRelease } from './station-condition.ts';

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
    condition: 'online',
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

describe('conditionText', () => {
  it('tells a claim from an enrolled station that never spoke', () => {
    const unseen = { condition: 'never-seen', status: null, lastSeenAt: null } as const;
    expect(conditionText(station({ ...unseen, enrolledAt: null }))).toBe('Not enrolled');
    expect(conditionText(station(unseen))).toBe('Never connected');
  });

  it('believes the control plane rather than the last status', () => {
    expect(conditionText(station({ condition: 'stale' }))).toBe('Stale');
  });
});

describe('runningRelease', () => {
  it('is that of the report, or else of the status', () => {
    const [old, fresh] = [1, 2].map((version) => ({ name: 'apples', version, digest: 'a'.repeat(64) }));
    const said = station({ status: { ...status, release: old! } });
    expect(runningRelease(said)).toBe(old);
    const running = { release: fresh!, variant: 'int8', since: status.at };
    expect(runningRelease({ ...said, reported: { ...failed, running } })).toBe(fresh);
    expect(runningRelease(station({}))).toBeNull();
  });
});

describe('needsALook', () => {
  it('is true of a station that is gone or stale or whose update failed, false of one that works or waits', () => {
    expect(needsALook(station({ condition: 'offline' }))).toBe(true);
    expect(needsALook(station({ condition: 'stale' }))).toBe(true);
    expect(needsALook(station({ reported: failed }))).toBe(true);
    const camera = { faults: ['moved' as const], luma: 40, sharpness: 0.6, shiftPx: 9 };
    const health = { camera } as StationView['health'];
    expect(needsALook(station({ health }))).toBe(true);
    expect(needsALook(station({}))).toBe(false);
    expect(needsALook(station({ condition: 'never-seen', status: null, enrolledAt: null }))).toBe(false);
  });
});
