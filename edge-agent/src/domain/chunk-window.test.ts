import { describe, expect, it } from 'vitest';
import { type ChunkLimits, ChunkWindow } from './chunk-window.ts';

const limits: ChunkLimits = {
  windowBytes: 4_000,
  startBytes: 4_000,
  timeoutMs: 100,
  timeoutMaxMs: 300,
  damagedMax: 3,
};
const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('ChunkWindow', () => {
  it('asks for neighbours in one run, and for no more than its window', () => {
    const window = new ChunkWindow([0, 1, 5, 6, 7, 8], 1_000, limits);
    expect(window.next(0)).toEqual([
      { from: 0, count: 2 },
      { from: 5, count: 2 },
    ]);
    expect(window.next(0)).toEqual([]);
  });

  it('asks for more when half of the window has come', () => {
    const window = new ChunkWindow(range(10), 1_000, limits);
    window.next(0);
    window.received(0, 0);
    expect(window.next(0)).toEqual([]);
    window.received(1, 0);
    expect(window.next(0)).toEqual([{ from: 4, count: 2 }]);
  });

  it('has few under way on a link that is slow, more on one that is quick or only far away', () => {
    const wide = { ...limits, windowBytes: 64_000, timeoutMs: 30_000, timeoutMaxMs: 60_000 };
    /** How many are under way after 200 chunks of which each takes its turn of `eachMs` after `farMs`. */
    const settled = (eachMs: number, farMs: number) => {
      const window = new ChunkWindow(range(400), 1_000, wide);
      const underWay: { readonly index: number; readonly atMs: number }[] = [];
      let nowMs = 0;
      let freeMs = 0;
      for (let got = 0; got < 200; got++) {
        for (const { from, count } of window.next(nowMs)) {
          for (let index = from; index < from + count; index++) {
            freeMs = Math.max(freeMs, nowMs + farMs) + eachMs;
            underWay.push({ index, atMs: freeMs });
          }
        }
        const { index, atMs } = underWay.shift()!;
        nowMs = atMs;
        window.received(index, nowMs);
      }
      return underWay.length;
    };
    expect(settled(2_000, 100)).toBeLessThanOrEqual(3);
    expect(settled(1, 5)).toBeGreaterThan(30);
    expect(settled(10, 4_000)).toBeGreaterThan(30);
  });

  it('asks again for what does not come, later with each attempt', () => {
    const window = new ChunkWindow([0], 1_000, limits);
    expect(window.next(0)).toHaveLength(1);
    expect(window.dueMs(0)).toBe(100);
    expect(window.next(99)).toEqual([]);
    expect(window.next(100)).toHaveLength(1);
    expect(window.dueMs(100)).toBe(300);
    window.next(300);
    expect(window.dueMs(300)).toBe(600);
  });

  it('asks again at once for a damaged chunk, until it came damaged too often', () => {
    const window = new ChunkWindow([0], 1_000, limits);
    for (const mayGoOn of [true, true, false]) {
      expect(window.next(0)).toEqual([{ from: 0, count: 1 }]);
      expect(window.damaged(0)).toBe(mayGoOn);
    }
  });

  it('pauses after a refusal', () => {
    const window = new ChunkWindow([0, 1], 1_000, limits);
    window.next(0);
    window.refused(10, 50);
    expect(window.next(59)).toEqual([]);
    expect(window.dueMs(59)).toBe(60);
    expect(window.next(60)).toEqual([{ from: 0, count: 2 }]);
  });

  it('starts again from what is missing when the link comes back', () => {
    const window = new ChunkWindow(range(3), 1_000, limits);
    window.next(0);
    window.received(1, 0);
    window.linkLost();
    expect(window.next(1)).toEqual([
      { from: 0, count: 1 },
      { from: 2, count: 1 },
    ]);
  });

  it('is done when all came, however often', () => {
    const window = new ChunkWindow([3], 1_000, limits);
    expect(window.wants(3)).toBe(true);
    window.received(3, 0);
    window.received(3, 0);
    expect(window.wants(3)).toBe(false);
    expect(window.done).toBe(true);
    expect(window.dueMs(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
