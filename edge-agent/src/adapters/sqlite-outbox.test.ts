import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GradedFruit } from '../domain/line-messages.ts';
import type { OutboxWriter } from '../domain/outbox.ts';
import { Sampler } from '../domain/sampler.ts';
import {
  driftRecord,
  fruitRecord,
  healthRecord,
  sampleBoot,
  sampleRecord,
} from '../testing/sample-records.ts';
import { SampleWriter } from '../use-cases/write-samples.ts';
import { deflateRaw } from './deflate.ts';
import { OutboxCounter } from './outbox-counter.ts';
import { openOutboxReader, openOutboxWriter } from './sqlite-outbox.ts';

const childFile = fileURLToPath(new URL('../../dist/testing/outbox-child.js', import.meta.url));
let folder = '';
let file = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-outbox-'));
  file = join(folder, 'outbox.sqlite');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As an operator's correction does. */
function labelOneFruit(outbox: OutboxWriter): Promise<void> {
  const { release: ref, labels, fruit: record } = fruitRecord(3).value as GradedFruit;
  const release = { ref, modelFile: '', variant: 'fp32', labels, inputSize: 8 };
  const never = { perMinuteMax: 0, perDayMax: 0 };
  const rules = { uncertain: { topBelow: 0, marginBelow: 0, ...never }, random: { share: 0, ...never } };
  const writer = new SampleWriter(
    { boot: sampleBoot, sampler: new Sampler(rules, { next: () => 1 }) },
    {
      ...{ clock: systemClock, outbox, deflate: deflateRaw },
      ...{ onStored: () => undefined, onTrouble: () => undefined },
    },
  );
  const label = { grade: 'bad', source: 'line-operator' };
  return writer.label({ release, record, crops: [randomBytes(8 * 8 * 3)] }, label);
}

function open(limitBytes = 1_000_000, sampleLimitBytes = 500_000) {
  const counter = new OutboxCounter();
  const movedAside: string[] = [];
  const trouble: string[] = [];
  const clock = { passed: 0, nowMs: () => 0, monotonicMs: () => clock.passed };
  const reader = openOutboxReader({
    file,
    counter,
    boot: sampleBoot,
    onMovedAside: (to, reason) => movedAside.push(`${to}: ${reason}`),
  });
  const writer = openOutboxWriter({
    file,
    counter,
    limitBytes,
    sampleLimitBytes,
    clock,
    onTrouble: (code) => trouble.push(code),
  });
  const close = () => {
    writer.close();
    reader.close();
  };
  return { counter, reader, writer, movedAside, trouble, clock, close };
}

describe('outbox', () => {
  it('gives back what was appended, oldest first and after a row', () => {
    const { reader, writer, close } = open();
    const records = [fruitRecord(0), healthRecord(1), driftRecord(2)];
    for (const record of records) writer.append(record);
    const read = reader.read(0, 10);
    expect(read.map(({ row: _, ...record }) => record)).toEqual(records);
    expect(reader.read(read[1]!.row, 10).map((record) => record.seq)).toEqual([2]);
    expect(reader.read(0, 2)).toHaveLength(2);
    close();
  });

  it('drops what a person labelled last of the samples', () => {
    const { reader, writer, counter, close } = open(60_000, 25_000);
    const label = { grade: 'bad', source: 'line-operator' };
    for (let seq = 0; seq < 4; seq++)
      writer.append(sampleRecord(seq, 9_000, sampleBoot, seq < 1 ? label : undefined));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([0, 3]);
    for (let seq = 4; seq < 7; seq++) writer.append(sampleRecord(seq, 9_000, sampleBoot, label));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([5, 6]);
    expect(counter.get('dropped')).toBe(5);
    // One without a label that came after them goes before them all the same.
    writer.append(sampleRecord(7, 9_000));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([6, 7]);
    writer.append(sampleRecord(8, 9_000, sampleBoot, label));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([6, 8]);
    close();
  });

  it('keeps samples to their own limit and lane, and drops them before anything else', () => {
    const { reader, writer, counter, close } = open(60_000, 25_000);
    for (let seq = 0; seq < 4; seq++) writer.append(sampleRecord(seq, 9_000));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([2, 3]);
    expect(reader.dropped()).toBe(2);
    writer.append(healthRecord(10));
    for (let seq = 100; counter.get('bytes') < 59_000 && reader.read(0, 10, 'samples').length > 0; seq++)
      writer.append(fruitRecord(seq));
    for (let seq = 500; reader.read(0, 10, 'samples').length > 0; seq++) writer.append(fruitRecord(seq));
    expect(reader.dropped()).toBe(4);
    expect(reader.read(0, 1)[0]).toMatchObject({ kind: 'health', seq: 10 });
    expect(counter.get('sampleBytes')).toBe(0);
    close();
  });

  it('throws the same sample away when it could not be for the one before', () => {
    const { reader, writer, close } = open(1_000_000, 30_000);
    const label = { grade: 'bad', source: 'line-operator' };
    writer.append(sampleRecord(0, 9_000));
    writer.append(sampleRecord(1, 9_000, sampleBoot, label));
    writer.append(sampleRecord(2, 9_000));
    writer.append(fruitRecord(3));
    // Its name is taken: both that had gone for it come back.
    expect(writer.append(sampleRecord(3, 18_000))).toBe(false);
    writer.append(sampleRecord(4, 9_000));
    expect(reader.read(0, 10, 'samples').map(({ seq }) => seq)).toEqual([1, 2, 4]);
    close();
  });

  it('says whether it kept the record', () => {
    const { reader, writer, close } = open(60_000, 25_000);
    expect(writer.append(fruitRecord(0))).toBe(true);
    expect(writer.append(sampleRecord(1, 9_000))).toBe(true);
    expect(writer.append(sampleRecord(2, 30_000))).toBe(false);
    expect([reader.depth(), reader.dropped()]).toEqual([2, 1]);
    close();
  });

  it('draws each sequence number once over all writers', () => {
    const { counter, writer, close } = open();
    const second = openOutboxWriter({ file, counter });
    expect([writer.nextSeq(), second.nextSeq(), writer.nextSeq()]).toEqual([0, 1, 2]);
    second.close();
    close();
  });

  it('forgets only the ranges of the boot that was acknowledged', () => {
    const { reader, writer, close } = open();
    for (let seq = 0; seq < 6; seq++) writer.append(fruitRecord(seq));
    writer.append(fruitRecord(2, {}, 'ffffffffffffffff'));
    reader.acknowledge(sampleBoot, [
      [0, 2],
      [4, 4],
    ]);
    expect(reader.read(0, 10).map((record) => [record.boot[0], record.seq])).toEqual([
      ['0', 3],
      ['0', 5],
      ['f', 2],
    ]);
    expect(reader.depth()).toBe(3);
    reader.acknowledge(sampleBoot, [[0, 2]]);
    expect(reader.depth()).toBe(3);
    close();
  });

  it('never uses a row again, so that a reader misses nothing', () => {
    const { reader, writer, close } = open();
    writer.append(fruitRecord(0));
    const last = reader.read(0, 10)[0]!.row;
    reader.acknowledge(sampleBoot, [[0, 0]]);
    writer.append(fruitRecord(1));
    expect(reader.read(last, 10).map((record) => record.seq)).toEqual([1]);
    close();
  });

  it('keeps records and their count over a restart', () => {
    const first = open();
    first.writer.append(fruitRecord(0));
    first.writer.append(healthRecord(1));
    const bytes = first.counter.get('bytes');
    first.close();
    const second = open();
    expect(second.reader.depth()).toBe(2);
    expect(second.counter.get('bytes')).toBe(bytes);
    expect(second.movedAside).toEqual([]);
    second.close();
  });

  it('throws away the oldest health first, then the oldest fruit, and counts them', () => {
    const one = JSON.stringify(fruitRecord(0).value).length + 96;
    const { counter, reader, writer, close } = open(one * 100);
    for (let seq = 0; seq < 40; seq++) writer.append(healthRecord(seq));
    for (let seq = 40; seq < 500; seq++) writer.append(fruitRecord(seq));
    const left = reader.read(0, 1000);
    expect(left.every((record) => record.kind === 'fruit')).toBe(true);
    expect(left.at(-1)!.seq).toBe(499);
    expect(left[0]!.seq).toBe(500 - left.length);
    expect(left.length).toBeGreaterThan(60);
    expect(reader.depth()).toBe(left.length);
    expect(reader.dropped()).toBe(500 - left.length);
    expect(counter.get('bytes')).toBeLessThanOrEqual(one * 101);
    close();
  });

  it('keeps every fruit while health can make the room', () => {
    const one = JSON.stringify(healthRecord(0).value).length + 96;
    const { reader, writer, close } = open(one * 100);
    for (let seq = 0; seq < 30; seq++) writer.append(fruitRecord(seq));
    for (let seq = 30; seq < 300; seq++) writer.append(healthRecord(seq));
    const fruits = reader.read(0, 1000).filter((record) => record.kind === 'fruit');
    expect(fruits.map((record) => record.seq)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    close();
  });

  it('counts the bytes of every script alike, appended, thrown away, acknowledged and read again', () => {
    const { counter, reader, writer, close } = open(20_000);
    const labels = ['gut 🍏', 'mäßig', '不良 🪱🪱'];
    for (let seq = 0; seq < 200; seq++) {
      const record = fruitRecord(seq);
      writer.append({ ...record, value: { ...(record.value as object), labels } } as typeof record);
    }
    expect(reader.dropped()).toBeGreaterThan(0);
    const counted = counter.get('bytes');
    const again = new OutboxCounter();
    openOutboxReader({ file, counter: again, boot: sampleBoot }).close();
    expect(counted).toBe(again.get('bytes'));
    reader.acknowledge(sampleBoot, [[0, 200]]);
    expect([counter.get('bytes'), counter.get('depth')]).toEqual([0, 0]);
    close();
  });

  it('keeps the newest damaged file alone', () => {
    for (const boot of ['00000000000000b1', '00000000000000b2']) {
      writeFileSync(file, 'this was a database once'.repeat(500));
      openOutboxReader({ file, counter: new OutboxCounter(), boot }).close();
    }
    const damaged = readdirSync(folder).filter((name) => name.includes('.damaged-'));
    expect(damaged).toEqual(['outbox.sqlite.damaged-00000000000000b2']);
  });

  it.each([
    ['is not a database', (name: string) => writeFileSync(name, 'this was a database once'.repeat(500))],
    [
      'has a damaged page',
      (name: string) => {
        const { writer, close } = open();
        for (let seq = 0; seq < 200; seq++) writer.append(fruitRecord(seq));
        close();
        execFileSync('dd', ['if=/dev/zero', `of=${name}`, 'bs=4096', 'seek=1', 'count=12', 'conv=notrunc'], {
          stdio: 'ignore',
        });
      },
    ],
  ])('moves aside a file that %s and begins a new one', (_, spoil) => {
    spoil(file);
    const { reader, writer, movedAside, close } = open();
    expect(movedAside).toHaveLength(1);
    expect(existsSync(`${file}.damaged-${sampleBoot}`)).toBe(true);
    writer.append(fruitRecord(7));
    expect(reader.read(0, 10).map((record) => record.seq)).toEqual([7]);
    close();
  });

  it('has every record whose append returned exactly once after ten kills', { timeout: 60_000 }, async () => {
    const printed = new Set<string>();
    for (let kill = 0; kill < 10; kill++) {
      const boot = kill.toString(16).repeat(16);
      const child = spawn(process.execPath, [childFile, file, boot], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      let lines = 0;
      const killAfterLines = 50 + Math.floor(Math.random() * 400);
      child.stdout.setEncoding('utf8').on('data', (part: string) => {
        text += part;
        lines += part.split('\n').length - 1;
        if (lines >= killAfterLines) child.kill('SIGKILL');
      });
      await once(child, 'close');
      const whole = text.split('\n').slice(0, -1);
      for (const name of whole) printed.add(name);
    }
    expect(printed.size).toBeGreaterThan(500);
    const { reader, movedAside, close } = open(1e9);
    const stored = reader.read(0, 1_000_000).map((record) => `${record.boot} ${record.seq}`);
    close();
    expect(movedAside).toEqual([]);
    expect(new Set(stored).size).toBe(stored.length);
    const names = new Set(stored);
    expect([...printed].filter((name) => !names.has(name))).toEqual([]);
    // Each of the two threads may have stored one record that it could not print any more.
    expect(stored.length - printed.size).toBeLessThanOrEqual(20);
  });

  it('keeps in memory what a full disk refuses, and stores it in its order when there is room again', async (context) => {
    const mounted = join(folder, 'small');
    mkdirSync(mounted);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', mounted], { stdio: 'pipe' });
    } catch (error) {
      if (process.env.POMONA_REQUIRE_ALL === '1') throw error;
      context.skip(`no right to mount a small disk: ${(error as Error).message.split('\n')[0]}`);
    }
    try {
      file = join(mounted, 'outbox.sqlite');
      const { counter, reader, writer, trouble, clock, close } = open(1e9);
      const ballast = join(mounted, 'ballast');
      writeFileSync(ballast, new Uint8Array(2_600_000));
      for (let seq = 0; seq < 100; seq++) expect(writer.append(fruitRecord(seq))).toBe(true);
      expect(trouble).toEqual(['SQLITE_FULL']);
      const stored = reader.read(0, 1000).length;
      expect(stored).toBeLessThan(100);
      expect(reader.depth()).toBe(100);
      await expect(labelOneFruit(writer)).rejects.toMatchObject({ code: 'sample-lost' });
      expect(reader.dropped()).toBe(1);
      expect(reader.read(0, 10, 'samples')).toEqual([]);
      // For what waits there is so much room and no more: the oldest goes, and is counted.
      const scarce = openOutboxWriter({ file, counter, clock, waitingLimitBytes: 10_000 });
      const isTaken = Array.from({ length: 200 }, (_, i) => scarce.append(fruitRecord(1000 + i)));
      expect(isTaken).not.toContain(false);
      const droppedThen = reader.dropped();
      expect(droppedThen).toBeGreaterThan(1);
      scarce.close();
      expect(reader.dropped()).toBe(1 + 200);
      expect(reader.depth()).toBe(100);

      rmSync(ballast);
      writer.append(fruitRecord(100));
      clock.passed += 1_000;
      for (let i = 0; i < 101; i += 16) writer.flush();
      expect(reader.read(0, 1000).map(({ seq }) => seq)).toEqual(
        Array.from({ length: 101 }, (_, seq) => seq),
      );
      close();
      const again = open(1e9);
      expect(again.movedAside).toEqual([]);
      expect(again.reader.depth()).toBe(101);
      again.close();
    } finally {
      execFileSync('umount', ['-l', mounted]);
    }
  });
});
