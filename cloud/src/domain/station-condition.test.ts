import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testHealth, testStatus } from '../testing/test-station.ts';
import { defaultIntervalS, type SignsOfLife, staleIntervals, stationCondition } from './station-condition.ts';

const nowMs = Date.parse('2026-03-01T10:00:00.000Z');
const patienceMs = staleIntervals * defaultIntervalS * 1_000;

function signs(change: Partial<SignsOfLife> = {}): SignsOfLife {
  return {
    status: testStatus('online'),
    statusAtMs: nowMs - 3_600_000,
    health: testHealth(1),
    healthAtMs: nowMs,
    lastSeenAtMs: nowMs,
    ...change,
  };
}

describe('stationCondition', () => {
  it('has not seen what sent no status', () => {
    expect(stationCondition(signs({ status: null, statusAtMs: null, health: null }), nowMs)).toBe(
      'never-seen',
    );
  });

  it('believes "online" only while health comes, whatever else does', () => {
    const healthAgo = (ms: number) => signs({ healthAtMs: nowMs - ms });
    expect(stationCondition(healthAgo(patienceMs), nowMs)).toBe('online');
    expect(stationCondition(healthAgo(patienceMs + 1), nowMs)).toBe('stale');
  });

  it('waits as long as the station says that it takes', () => {
    const slow = { health: testHealth(1, { intervalS: 60 }) };
    expect(stationCondition(signs({ ...slow, healthAtMs: nowMs - 180_000 }), nowMs)).toBe('online');
    expect(stationCondition(signs({ ...slow, healthAtMs: nowMs - 180_001 }), nowMs)).toBe('stale');
  });

  it('gives who has just come back the time to speak', () => {
    const back = signs({ healthAtMs: nowMs - 86_400_000, statusAtMs: nowMs - 1_000 });
    expect(stationCondition(back, nowMs)).toBe('online');
    const mute = signs({ health: null, healthAtMs: null, statusAtMs: nowMs - patienceMs - 1 });
    expect(stationCondition(mute, nowMs)).toBe('stale');
  });

  it('goes by when it was last seen where nothing better was kept', () => {
    const old = { statusAtMs: null, healthAtMs: null };
    expect(stationCondition(signs(old), nowMs)).toBe('online');
    expect(stationCondition(signs({ ...old, lastSeenAtMs: nowMs - patienceMs - 1 }), nowMs)).toBe('stale');
  });

  it('takes the word of the will, and never comes back from stale by waiting', () => {
    expect(stationCondition(signs({ status: testStatus('offline') }), nowMs)).toBe('offline');
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e6), (statusAgo, healthAgo, laterMs) => {
        const seen = signs({ statusAtMs: nowMs - statusAgo, healthAtMs: nowMs - healthAgo });
        const overdue = Math.min(statusAgo, healthAgo) + laterMs > patienceMs;
        expect(stationCondition(seen, nowMs + laterMs)).toBe(overdue ? 'stale' : 'online');
      }),
    );
  });
});
