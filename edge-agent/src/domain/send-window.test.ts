import { describe, expect, it } from 'vitest';
import { fruitRecord, healthRecord, sampleBoot, sampleRelease } from '../testing/sample-records.ts';
import type { OutboxRecord, StoredRecord } from './outbox.ts';
import { type SendLimits, SendWindow } from './send-window.ts';

const limits: SendLimits = {
  fruitsPerBatchMax: 3,
  flushMs: 250,
  batchesMax: 2,
  queueMax: 10,
  ackTimeoutMs: 1_000,
  ackTimeoutMaxMs: 4_000,
};

function stored(records: readonly OutboxRecord[]): StoredRecord[] {
  return records.map((record, i) => ({ ...record, row: i + 1 }));
}

function windowWith(records: readonly OutboxRecord[]): SendWindow {
  const window = new SendWindow(limits);
  window.offer(stored(records), 0);
  return window;
}

function seqs(records: readonly StoredRecord[] | undefined): number[] | undefined {
  return records?.map((record) => record.seq);
}

describe('SendWindow', () => {
  it('lets a fruit wait for others, but not longer than the flush time', () => {
    const window = windowWith([fruitRecord(0), fruitRecord(1)]);
    expect(window.next(249)).toBeUndefined();
    expect(window.dueMs()).toBe(250);
    expect(seqs(window.next(250))).toEqual([0, 1]);
  });

  it('sends a full batch and health at once', () => {
    expect(seqs(windowWith([0, 1, 2, 3].map((seq) => fruitRecord(seq))).next(0))).toEqual([0, 1, 2]);
    const window = windowWith([healthRecord(0), healthRecord(1)]);
    expect(seqs(window.next(0))).toEqual([0]);
    expect(seqs(window.next(0))).toEqual([1]);
  });

  it('never mixes boots, releases, recipes or labels in a batch', () => {
    const window = windowWith([
      fruitRecord(0),
      fruitRecord(1, { recipeVersion: 2 }),
      fruitRecord(2, { release: sampleRelease('b') }),
      fruitRecord(3, { labels: ['good', 'bad'] }),
      fruitRecord(4, {}, 'ffffffffffffffff'),
      fruitRecord(5),
    ]);
    const batches: (number[] | undefined)[] = [];
    for (let i = 0; i < 5; i++) {
      const batch = window.next(300);
      batches.push(seqs(batch));
      for (const record of batch ?? []) window.forget(record.boot, [[record.seq, record.seq]]);
    }
    expect(batches).toEqual([[0, 5], [1], [2], [3], [4]]);
  });

  it('keeps no more batches in flight than allowed until one is acknowledged', () => {
    const window = windowWith([healthRecord(0), healthRecord(1), healthRecord(2)]);
    window.next(0);
    window.next(0);
    expect(window.next(0)).toBeUndefined();
    expect(window.dueMs()).toBe(1_000);
    window.forget(sampleBoot, [[1, 1]]);
    expect(seqs(window.next(0))).toEqual([2]);
  });

  it('sends again what was not acknowledged, later and later, without what was', () => {
    const window = windowWith([fruitRecord(0), fruitRecord(1), fruitRecord(2)]);
    window.next(0);
    expect(window.next(999)).toBeUndefined();
    window.forget(sampleBoot, [[1, 1]]);
    expect(seqs(window.next(1_000))).toEqual([0, 2]);
    expect(window.next(2_999)).toBeUndefined();
    expect(seqs(window.next(3_000))).toEqual([0, 2]);
    expect(seqs(window.next(7_000))).toEqual([0, 2]);
    expect(seqs(window.next(11_000))).toEqual([0, 2]);
  });

  it('sends everything in flight again at once after the link was lost', () => {
    const window = windowWith([fruitRecord(0), fruitRecord(1), fruitRecord(2), healthRecord(3)]);
    window.next(0);
    window.next(0);
    window.linkLost();
    expect(seqs(window.next(1))).toEqual([0, 1, 2]);
    expect(seqs(window.next(1))).toEqual([3]);
    expect(window.next(1)).toBeUndefined();
  });

  it('forgets what is acknowledged while it waits, and nothing of another boot', () => {
    const window = windowWith([fruitRecord(0), fruitRecord(1)]);
    window.forget('ffffffffffffffff', [[0, 9]]);
    window.forget(sampleBoot, [[0, 0]]);
    expect(seqs(window.next(300))).toEqual([1]);
  });

  it('says how much it can take and where it has read to', () => {
    const window = windowWith([fruitRecord(0), fruitRecord(1)]);
    expect(window.room).toBe(8);
    expect(window.cursor).toBe(2);
    window.offer([], 0);
    expect(window.cursor).toBe(2);
  });
});
