import { describe, expect, it } from 'vitest';
import { FairQueue } from './fair-queue.ts';

describe('FairQueue', () => {
  it('gives each owner as many bytes, whatever the size of a piece and whoever came first', () => {
    const queue = new FairQueue<string>();
    const had: Record<string, number> = { large: 0, small: 0 };
    const sizes: Record<string, number> = { large: 64, small: 16 };
    for (const owner of ['large', 'small']) queue.push(owner, sizes[owner]!, owner);
    for (let i = 0; i < 100; i++) {
      const owner = queue.shift()!;
      had[owner]! += sizes[owner]!;
      queue.push(owner, sizes[owner]!, owner);
      expect(Math.abs(had.large! - had.small!)).toBeLessThanOrEqual(64);
    }
  });

  it('lets nobody that was away make up for it, and nobody starve', () => {
    const queue = new FairQueue<string>();
    for (let i = 0; i < 50; i++) {
      queue.push('early', 10, 'early');
      queue.shift();
    }
    queue.push('early', 10, 'early');
    queue.push('late', 10, 'late');
    const order: string[] = [];
    for (let i = 0; i < 8; i++) {
      const owner = queue.shift()!;
      order.push(owner);
      queue.push(owner, 10, owner);
    }
    expect(order.filter((owner) => owner === 'late')).toHaveLength(4);
  });

  it('hands out all that waits when it is emptied', () => {
    const queue = new FairQueue<number>();
    queue.push('a', 5, 1);
    queue.push('b', 1, 2);
    expect(queue.drain()).toEqual([1, 2]);
    expect(queue.size).toBe(0);
    expect(queue.shift()).toBeUndefined();
  });
});
