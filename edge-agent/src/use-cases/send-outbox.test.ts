import { type ChannelName, decode } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboxReader } from '../domain/outbox.ts';
import { sendLimits } from '../domain/send-window.ts';
import { MemoryOutbox } from '../testing/memory-outbox.ts';
import {
  driftRecord,
  fruitRecord,
  healthRecord,
  sampleAt,
  sampleBoot,
  sampleRecord,
} from '../testing/sample-records.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import { OutboxSender } from './send-outbox.ts';

/** A link to a control plane that stores by name, and loses what the test tells it to lose. */
class FakeCloud {
  up = true;
  losesMessages = false;
  losesAcks = false;
  /** Of quiet hours, as the control plane tells with each acknowledgement. */
  holdSamplesS: number | undefined;
  samples = 0;
  readonly stored = new Map<string, number>();
  sender: OutboxSender | undefined;

  isUp(): boolean {
    return this.up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.up) return false;
    if (this.losesMessages) return true;
    if (channel === 'samples') this.samples++;
    const { boot, names } = namesIn(channel, bytes);
    for (const seq of names) this.stored.set(`${boot} ${seq}`, (this.stored.get(`${boot} ${seq}`) ?? 0) + 1);
    const { sender, losesAcks } = this;
    if (losesAcks) return true;
    const ranges = names.map((seq): [number, number] => [seq, seq]);
    const hold = this.holdSamplesS === undefined ? {} : { holdSamplesS: this.holdSamplesS };
    queueMicrotask(() => sender?.acknowledged({ v: 1, boot, at: sampleAt, ranges, ...hold }));
    return true;
  }
}

function namesIn(channel: ChannelName, bytes: Buffer): { boot: string; names: number[] } {
  if (channel === 'health' || channel === 'drift') {
    const record = decode(channel, bytes);
    if (record.ok) return { boot: record.value.boot, names: [record.value.seq] };
  }
  if (channel === 'samples') {
    const record = decode(channel, bytes);
    if (record.ok) return { boot: record.value.boot, names: [record.value.seq] };
  }
  const grades = decode('grades', bytes);
  if (!grades.ok) throw new Error(`${channel}: ${grades.detail}`);
  const names = grades.value.fruits.map((fruit) => fruit.seq);
  expect(grades.value.seq).toBe(names[0]);
  return { boot: grades.value.boot, names };
}

function build(outbox: OutboxReader, cloud: FakeCloud, time: VirtualTime, kbitPerSMax?: number) {
  const trouble: string[] = [];
  const sender = new OutboxSender(
    { outbox, link: cloud, scheduler: time, kbitPerSMax, onTrouble: (code) => trouble.push(code) },
    { ...sendLimits, fruitsPerBatchMax: 5, queueMax: 12 },
  );
  cloud.sender = sender;
  sender.start();
  return { sender, trouble };
}

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 15_000 }) }),
    fc.record({ do: fc.constantFrom('link', 'messages', 'acks', 'restart'), on: fc.boolean() }),
  ),
  { maxLength: 30 },
);

describe('OutboxSender', () => {
  it('sends samples no faster than its cap, and grades and health meanwhile at once', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    const { sender } = build(outbox, cloud, time, 32);
    for (let seq = 0; seq < 20; seq++) outbox.append(sampleRecord(seq, 9_000));
    await time.advance(10_000);
    // 4,000 bytes a second, and samples of some 9,300.
    expect(cloud.samples).toBeGreaterThanOrEqual(3);
    expect(cloud.samples).toBeLessThanOrEqual(5);
    outbox.append(healthRecord(100));
    outbox.append(fruitRecord(101));
    sender.wake();
    await time.advance(300);
    expect([...cloud.stored.keys()]).toEqual(
      expect.arrayContaining([`${sampleBoot} 100`, `${sampleBoot} 101`]),
    );
    await time.advance(90_000);
    expect(outbox.depth()).toBe(0);
  });

  it('keeps samples while it is quiet hours, over a lost link too, and sends them when these are over', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    const { sender } = build(outbox, cloud, time);
    cloud.holdSamplesS = 3_600;
    outbox.append(healthRecord(0));
    await time.advance(2_000);
    for (let seq = 1; seq < 4; seq++) outbox.append(sampleRecord(seq));
    outbox.append(fruitRecord(4));
    await time.advance(60_000);
    cloud.up = false;
    sender.linkLost();
    await time.advance(1_000);
    cloud.up = true;
    sender.wake();
    await time.advance(60_000);
    expect(cloud.samples).toBe(0);
    expect(cloud.stored.has(`${sampleBoot} 4`)).toBe(true);
    cloud.holdSamplesS = undefined;
    outbox.append(healthRecord(5));
    await time.advance(2_000);
    expect(cloud.samples).toBe(3);
    expect(outbox.depth()).toBe(0);
  });

  it('sends samples again by itself when nobody tells it that quiet hours are over', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    const { sender } = build(outbox, cloud, time);
    sender.acknowledged({ v: 1, boot: sampleBoot, at: sampleAt, ranges: [[9, 9]], holdSamplesS: 600 });
    outbox.append(sampleRecord(1));
    await time.advance(599_000);
    expect(cloud.samples).toBe(0);
    time.setWall(0);
    await time.advance(3_000);
    expect(cloud.samples).toBe(1);
  });

  it('sends each record once when nothing goes wrong', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    build(outbox, cloud, time);
    for (let seq = 0; seq < 40; seq++) outbox.append(seq % 9 === 0 ? healthRecord(seq) : fruitRecord(seq));
    await time.advance(5_000);
    expect(cloud.stored.size).toBe(40);
    expect([...cloud.stored.values()].every((times) => times === 1)).toBe(true);
    expect(outbox.depth()).toBe(0);
  });

  it('loses nothing over lost messages, lost acks, lost links and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        const outbox = new MemoryOutbox();
        const cloud = new FakeCloud();
        const time = new VirtualTime();
        let { sender } = build(outbox, cloud, time);
        const appended: string[] = [];
        for (const step of script) {
          if (step.do === 'append') {
            for (let i = 0; i < step.count; i++) {
              const seq = appended.length;
              const record = seq % 4 === 0 ? healthRecord : seq % 7 === 0 ? driftRecord : fruitRecord;
              outbox.append(record(seq));
              appended.push(`${sampleBoot} ${seq}`);
            }
            sender.wake();
          } else if (step.do === 'wait') await time.advance(step.ms);
          else if (step.do === 'messages') cloud.losesMessages = step.on;
          else if (step.do === 'acks') cloud.losesAcks = step.on;
          else if (step.do === 'restart') {
            sender.stop();
            sender = build(outbox, cloud, time).sender;
          } else {
            if (cloud.up && !step.on) sender.linkLost();
            cloud.up = step.on;
            if (step.on) sender.wake();
          }
        }
        Object.assign(cloud, { up: true, losesMessages: false, losesAcks: false });
        sender.wake();
        await time.advance(300_000);
        expect([...cloud.stored.keys()].sort()).toEqual([...appended].sort());
        expect(outbox.depth()).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps what the control plane does not acknowledge', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    cloud.losesAcks = true;
    build(outbox, cloud, time);
    outbox.append(fruitRecord(0));
    await time.advance(60_000);
    expect(outbox.depth()).toBe(1);
    expect(cloud.stored.get(`${sampleBoot} 0`)).toBeGreaterThan(1);
  });

  it('gives up a record that no receiver would take, and sends those beside it', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new FakeCloud();
    const time = new VirtualTime();
    const { trouble } = build(outbox, cloud, time);
    const odd = fruitRecord(1);
    Object.assign((odd.value as { fruit: object }).fruit, { views: 999 });
    for (const record of [fruitRecord(0), odd, fruitRecord(2)]) outbox.append(record);
    await time.advance(30_000);
    expect([...cloud.stored.keys()]).toEqual([`${sampleBoot} 0`, `${sampleBoot} 2`]);
    expect(trouble).toEqual(['outbox-unsendable']);
    expect(outbox.depth()).toBe(0);
  });

  it('tries again when the disk cannot remove what was acknowledged', async () => {
    const outbox = new MemoryOutbox();
    let full = true;
    const broken: OutboxReader = {
      read: (...which) => outbox.read(...which),
      acknowledge: (boot, ranges) => {
        if (full) throw new Error('disk full');
        outbox.acknowledge(boot, ranges);
      },
      depth: () => outbox.depth(),
      dropped: () => 0,
    };
    const time = new VirtualTime();
    const { trouble } = build(broken, new FakeCloud(), time);
    outbox.append(fruitRecord(0));
    await time.advance(5_000);
    expect(trouble).toContain('outbox-remove');
    full = false;
    await time.advance(30_000);
    expect(outbox.depth()).toBe(0);
  });
});
