import { samplePartChars } from '@pomona/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutboxReader } from '../domain/outbox.ts';
import { sendLimits } from '../domain/send-window.ts';
import { KeepingCloud } from '../testing/keeping-cloud.ts';
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

function build(outbox: OutboxReader, cloud: KeepingCloud, time: VirtualTime, kbitPerSMax?: number) {
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
    const cloud = new KeepingCloud();
    const time = new VirtualTime();
    const { sender } = build(outbox, cloud, time, 32);
    for (let seq = 0; seq < 20; seq++) outbox.append(sampleRecord(seq, 9_000));
    await time.advance(10_000);
    // 4,000 bytes a second, and samples of some 9,300 and what their pieces add.
    expect(cloud.samples).toBeGreaterThanOrEqual(3);
    expect(cloud.samples).toBeLessThanOrEqual(4);
    outbox.append(healthRecord(100));
    outbox.append(fruitRecord(101));
    sender.wake();
    await time.advance(300);
    expect([...cloud.stored.keys()]).toEqual(
      expect.arrayContaining([`${sampleBoot} 100`, `${sampleBoot} 101`]),
    );
    await time.advance(90_000);
    expect(outbox.depth()).toBe(0);
    expect(cloud.pieceCharsMax).toBeLessThanOrEqual(samplePartChars.max);
  });

  it('keeps samples while it is quiet hours, over a lost link too, and sends them when these are over', async () => {
    const outbox = new MemoryOutbox();
    const cloud = new KeepingCloud();
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
    const cloud = new KeepingCloud();
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
    const cloud = new KeepingCloud();
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
        const cloud = new KeepingCloud();
        const time = new VirtualTime();
        let { sender } = build(outbox, cloud, time);
        const appended: string[] = [];
        for (const step of script) {
          if (step.do === 'append') {
            for (let i = 0; i < step.count; i++) {
              const seq = appended.length;
              const record = seq % 4 === 0 ? healthRecord : seq % 7 === 0 ? driftRecord : fruitRecord;
              outbox.append(seq % 11 === 3 ? sampleRecord(seq, 20_000) : record(seq));
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
    const cloud = new KeepingCloud();
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
    const cloud = new KeepingCloud();
    const time = new VirtualTime();
    const { trouble } = build(outbox, cloud, time);
    const odd = fruitRecord(1);
    Object.assign((odd.value as { fruit: object }).fruit, { views: 999 });
    const oddSample = sampleRecord(3);
    Object.assign(oddSample.value, { size: 1 });
    for (const record of [fruitRecord(0), odd, fruitRecord(2), oddSample, sampleRecord(4)])
      outbox.append(record);
    await time.advance(30_000);
    expect([...cloud.stored.keys()].sort()).toEqual([0, 2, 4].map((seq) => `${sampleBoot} ${seq}`));
    expect(trouble).toEqual(['outbox-unsendable', 'outbox-unsendable']);
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
    const { trouble } = build(broken, new KeepingCloud(), time);
    outbox.append(fruitRecord(0));
    await time.advance(5_000);
    expect(trouble).toContain('outbox-remove');
    full = false;
    await time.advance(30_000);
    expect(outbox.depth()).toBe(0);
  });
});
