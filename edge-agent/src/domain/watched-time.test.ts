import { describe, expect, it } from 'vitest';
import { WatchedTime } from './watched-time.ts';

describe('the time that a line was watched', () => {
  it('is that in which frames were graded, seen late or not', () => {
    const time = new WatchedTime(1_000);
    expect(time.observe(0, 2_000)).toBe(0);
    expect(time.observe(12, 3_000)).toBe(1_000);
    expect(time.observe(24, 4_000)).toBe(2_000);
    expect(time.observe(24, 5_000)).toBe(3_000);
    expect(time.observe(48, 6_000)).toBe(4_000);
  });

  it('stands still soon after the last frame, and goes on with the next', () => {
    const time = new WatchedTime(0);
    time.observe(12, 1_000);
    for (let atMs = 2_000; atMs <= 60_000; atMs += 1_000) time.observe(12, atMs);
    expect(time.observe(12, 61_000)).toBe(4_000);
    expect(time.observe(24, 62_000)).toBe(5_000);
  });

  it('does not pass while the process is halted', () => {
    const time = new WatchedTime(0);
    time.observe(12, 1_000);
    expect(time.observe(24, 3_600_000)).toBe(4_000);
  });
});
