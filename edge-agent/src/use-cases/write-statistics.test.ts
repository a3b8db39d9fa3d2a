import { type DriftWindow, encode, type FruitRecord } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import type { DecidedFruit } from '../domain/explained-fruit.ts';
import type { BeltColour } from '../domain/statistics-window.ts';
import { MemoryOutbox } from '../testing/memory-outbox.ts';
import { fruitRecord, sampleBoot, sampleRelease } from '../testing/sample-records.ts';
import { StatisticsWriter } from './write-statistics.ts';

const size = 8;
const labels = ['good', 'ok', 'bad'];
const crop = (value: number) => new Uint8Array(size * size * 3).fill(value);

function decided(
  changes: Partial<FruitRecord> = {},
  digit = 'a',
  crops = [crop(100), crop(140)],
): DecidedFruit {
  const { fruit } = fruitRecord(3).value as { fruit: FruitRecord };
  return {
    release: { ref: sampleRelease(digit), modelFile: '', variant: 'fp32', labels, inputSize: size },
    record: { ...fruit, ...changes },
    crops: () => [],
    centralCrops: (countMax) => crops.slice(0, countMax),
  };
}

function build(windowFruits: number, isDiskFull = false) {
  const outbox = new MemoryOutbox();
  const troubles: string[] = [];
  let seq = 100;
  let belt: BeltColour | undefined = { red: 60, green: 50, blue: 40 };
  let stored = 0;
  const writer = new StatisticsWriter(
    { boot: sampleBoot, windowFruits },
    {
      clock: { nowMs: () => 1_700_000_000_000, monotonicMs: () => 0 },
      outbox: {
        nextSeq: () => seq++,
        append: (record) => {
          if (isDiskFull) throw new Error('disk full');
          return outbox.append(record);
        },
      },
      belt: () => belt,
      onStored: () => stored++,
      onTrouble: (code) => troubles.push(code),
    },
  );
  return {
    writer,
    troubles,
    seeBelt: (colour: BeltColour | undefined) => {
      belt = colour;
    },
    storedCount: () => stored,
    windows: () => outbox.read(0, 100).map(({ value }) => value as DriftWindow),
  };
}

const histogram = ({ histograms }: DriftWindow, name: string) =>
  histograms.find((each) => each.name === name)!.counts;

describe('the statistics of a window', () => {
  it('count each fruit once, with its two central views as one picture', () => {
    const { writer, windows, storedCount } = build(3);
    writer.offer(decided({ at: '2026-01-01T00:00:01.000Z' }));
    writer.offer(decided({ probabilities: [0.2, 0.1, 0.7], grade: 'bad', diameterMm: 62 }));
    writer.offer(decided({ probabilities: [0.6, 0.3, 0.1], at: '2026-01-01T00:00:03.000Z' }));
    const [window, ...others] = windows();
    expect([others, storedCount()]).toEqual([[], 1]);
    expect(window).toMatchObject({
      seq: 100,
      release: sampleRelease(),
      labels,
      fruits: 3,
      views: 6,
      from: '2026-01-01T00:00:01.000Z',
      to: '2026-01-01T00:00:03.000Z',
      belt: { red: 60, green: 50, blue: 40 },
      grades: [
        { grade: 'good', count: 2 },
        { grade: 'bad', count: 1 },
      ],
      confidence: {
        sum: [1.7, 0.48, 0.82],
        predicted: [
          { label: 'good', n: 2, sum: 1.5 },
          { label: 'ok', n: 0, sum: 0 },
          { label: 'bad', n: 1, sum: 0.7 },
        ],
      },
    });
    // The mean of 100 and 140, in the bin from 112 to 128.
    expect(histogram(window!, 'luma')).toEqual(new Array(16).fill(0).with(7, 3));
    expect(histogram(window!, 'size')[5]).toBe(1);
    expect(encode('drift', window!).byteLength).toBeLessThan(4_096);
  });

  it('leave out fruit that was never seen', () => {
    const { writer, windows } = build(2);
    writer.offer(decided({ probabilities: [] }));
    writer.offer(decided({}, 'a', []));
    writer.offer(decided());
    expect(windows()).toEqual([]);
    writer.offer(decided());
    expect(windows()[0]!.fruits).toBe(2);
  });

  it('are of one release: another one begins anew', () => {
    const { writer, windows } = build(2);
    for (const digit of ['a', 'b', 'b', 'b', 'a', 'b', 'b']) writer.offer(decided({}, digit));
    expect(windows().map(({ release }) => release.digest[0])).toEqual(['b', 'b']);
  });

  it('say nothing of a belt that was not seen', () => {
    const { writer, windows, seeBelt } = build(2);
    seeBelt(undefined);
    writer.offer(decided());
    writer.offer(decided());
    seeBelt({ red: 80, green: 70, blue: 60 });
    writer.offer(decided());
    seeBelt(undefined);
    writer.offer(decided());
    expect(windows().map(({ belt }) => belt)).toEqual([undefined, { red: 80, green: 70, blue: 60 }]);
  });

  it('are lost, and the line goes on, when the disk is full', () => {
    const { writer, troubles } = build(1, true);
    writer.offer(decided());
    writer.offer(decided());
    expect(troubles).toEqual(['statistics-lost', 'statistics-lost']);
  });
});
