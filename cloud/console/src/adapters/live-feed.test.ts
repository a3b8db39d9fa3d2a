import type { LiveEvent } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EventSourceLike, LiveFeed } from './live-feed.ts';

class FakeSource implements EventSourceLike {
  closed = false;
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>();

  addEventListener(type: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(type, listener);
  }

  close(): void {
    this.closed = true;
  }

  emit(type: string, data?: unknown): void {
    this.#listeners.get(type)?.({ data });
  }
}

const event: LiveEvent = { kind: 'fruits', fruits: [] };

function fixture() {
  const sources: FakeSource[] = [];
  const batches: (readonly LiveEvent[])[] = [];
  let gaps = 0;
  const feed = new LiveFeed({
    open: () => {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    clock: { nowMs: () => Date.now(), monotonicMs: () => Date.now() },
    random: { next: () => 0.5 },
    onEvents: (events) => batches.push(events),
    onGap: () => {
      gaps += 1;
    },
    waitingMost: 10,
  });
  return { feed, sources, batches, gaps: () => gaps, phase: () => feed.state().phase };
}

describe('LiveFeed', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives events on at most four times a second', () => {
    const { feed, sources, batches } = fixture();
    feed.start();
    sources[0]?.emit('open');
    for (let i = 0; i < 100; i++) {
      sources[0]?.emit('fruits', JSON.stringify(event));
      vi.advanceTimersByTime(100);
    }
    expect(batches.length).toBeLessThanOrEqual(40);
    expect(batches.flat()).toHaveLength(99);
    feed.stop();
  });

  it('opens a lost connection again, waiting longer each time, and asks for what was missed', () => {
    const { feed, sources, gaps, phase } = fixture();
    feed.start();
    sources[0]?.emit('open');
    expect(phase()).toBe('live');
    sources[0]?.emit('error');
    expect(phase()).toBe('lost');
    expect(sources[0]?.closed).toBe(true);
    vi.advanceTimersByTime(500);
    expect(sources).toHaveLength(2);
    sources[1]?.emit('error');
    vi.advanceTimersByTime(999);
    expect(sources).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sources).toHaveLength(3);
    expect(gaps()).toBe(0);
    sources[2]?.emit('open');
    expect(phase()).toBe('live');
    expect(gaps()).toBe(1);
    feed.stop();
  });

  it('takes an attempt without any answer for lost', () => {
    const { feed, sources, phase } = fixture();
    feed.start();
    vi.advanceTimersByTime(10_000);
    expect(phase()).toBe('lost');
    vi.advanceTimersByTime(500);
    expect(sources).toHaveLength(2);
    feed.stop();
  });

  it('asks for everything anew when more waited than it may hold', () => {
    const { feed, sources, batches, gaps } = fixture();
    feed.start();
    sources[0]?.emit('open');
    for (let i = 0; i < 11; i++) sources[0]?.emit('fruits', JSON.stringify(event));
    vi.advanceTimersByTime(250);
    expect(batches).toHaveLength(0);
    expect(gaps()).toBe(1);
    feed.stop();
  });

  it('goes on after an event that is not JSON', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { feed, sources, batches } = fixture();
    feed.start();
    sources[0]?.emit('fruits', '{');
    sources[0]?.emit('fruits', '{');
    sources[0]?.emit('fruits', JSON.stringify(event));
    vi.advanceTimersByTime(250);
    expect(batches).toEqual([[event]]);
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
    feed.stop();
  });

  it('doubts its connection when told to, and is silent once stopped', () => {
    const { feed, sources, batches, phase } = fixture();
    feed.start();
    sources[0]?.emit('open');
    feed.suspect();
    expect(phase()).toBe('lost');
    expect(sources).toHaveLength(2);
    feed.stop();
    sources[0]?.emit('fruits', JSON.stringify(event));
    sources[1]?.emit('fruits', JSON.stringify(event));
    vi.advanceTimersByTime(60_000);
    expect(batches).toEqual([]);
    expect(sources).toHaveLength(2);
  });
});
