import { describe, expect, it } from 'vitest';
import { fruitRecord, healthRecord, sampleBoot } from '../testing/sample-records.ts';
import { BoundedOutbox } from './bounded-outbox.ts';

describe('BoundedOutbox', () => {
  it('gives out what was not acknowledged, oldest first, after a row', () => {
    const outbox = new BoundedOutbox(10);
    for (let i = 0; i < 4; i++) outbox.append(fruitRecord(outbox.nextSeq()));
    outbox.acknowledge(sampleBoot, [[2, 2]]);
    expect(outbox.read(0, 10).map(({ seq }) => seq)).toEqual([1, 3, 4]);
    expect(outbox.read(1, 1).map(({ seq }) => seq)).toEqual([3]);
    expect(outbox.depth()).toBe(3);
  });

  it('throws the oldest away when it is full, and counts it', () => {
    const outbox = new BoundedOutbox(2);
    for (let i = 0; i < 3; i++) outbox.append(fruitRecord(outbox.nextSeq()));
    expect(outbox.read(0, 10).map(({ seq }) => seq)).toEqual([2, 3]);
    expect(outbox.dropped()).toBe(1);
  });

  it('counts an acknowledged fruit once, no health, and nothing of another boot', () => {
    const outbox = new BoundedOutbox(10);
    outbox.append(fruitRecord(outbox.nextSeq()));
    outbox.append(healthRecord(outbox.nextSeq()));
    outbox.acknowledge('f'.repeat(16), [[1, 2]]);
    expect(outbox.acknowledgedFruits).toBe(0);
    outbox.acknowledge(sampleBoot, [[0, Number.MAX_SAFE_INTEGER]]);
    outbox.acknowledge(sampleBoot, [[1, 2]]);
    expect(outbox.acknowledgedFruits).toBe(1);
    expect(outbox.depth()).toBe(0);
  });
});
