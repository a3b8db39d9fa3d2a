/** Large samples over a slow way up, in virtual time. */
import type { ChannelName } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { KeepingCloud } from '../testing/keeping-cloud.ts';
import { MemoryOutbox } from '../testing/memory-outbox.ts';
import { fruitRecord, sampleBoot, sampleRecord } from '../testing/sample-records.ts';
import { VirtualTime } from '../testing/virtual-time.ts';
import type { Link } from './link.ts';
import { OutboxSender } from './send-outbox.ts';

/** Topic, header and what MQTT, TLS and TCP add. */
const overheadBytes = 160;
const latencyMs = 100;

/** What was written first leaves first, as in a socket; what is on its way when it breaks is lost. */
class SlowUplink implements Link {
  readonly cloud = new KeepingCloud();
  sender: OutboxSender | undefined;
  bytes = 0;
  readonly #time: VirtualTime;
  readonly #bitsPerSecond: number;
  #connection = 0;
  #freeMs = 0;

  constructor(time: VirtualTime, bitsPerSecond: number) {
    this.#time = time;
    this.#bitsPerSecond = bitsPerSecond;
  }

  isUp(): boolean {
    return this.cloud.up;
  }

  send(channel: ChannelName, bytes: Buffer): boolean {
    if (!this.cloud.up) return false;
    this.bytes += bytes.byteLength + overheadBytes;
    const nowMs = this.#time.monotonicMs();
    const tookMs = ((bytes.byteLength + overheadBytes) * 8_000) / this.#bitsPerSecond;
    this.#freeMs = Math.max(nowMs, this.#freeMs) + tookMs;
    this.#later(this.#freeMs - nowMs + latencyMs, () => {
      const ack = this.cloud.receive(channel, bytes);
      this.#later(latencyMs, () => this.sender?.acknowledged(ack));
    });
    return true;
  }

  break(): void {
    this.#connection++;
    this.#freeMs = 0;
    this.sender?.linkLost();
    this.sender?.wake();
  }

  #later(delayMs: number, run: () => void): void {
    const connection = this.#connection;
    this.#time.after(delayMs, () => connection === this.#connection && run());
  }
}

function start(bitsPerSecond = 64_000) {
  const time = new VirtualTime();
  const outbox = new MemoryOutbox();
  const link = new SlowUplink(time, bitsPerSecond);
  const live = () => {
    link.sender?.stop();
    const onTrouble = (code: string) => expect.unreachable(code);
    link.sender = new OutboxSender({ outbox, link, scheduler: time, onTrouble });
    link.sender.start();
  };
  live();
  return { time, outbox, link, cloud: link.cloud, live };
}

describe('a sample of 256 kB on a link of 64 kbit/s', () => {
  const sample = sampleRecord(0, 256_000);
  const chars = JSON.stringify(sample.value).length;

  it('holds up no grade for longer than one piece takes, and costs hardly more than it is large', async () => {
    const { time, outbox, link, cloud } = start();
    outbox.append(sample);
    await time.advance(3_000);
    const waits: number[] = [];
    for (let seq = 1; seq < 20; seq++) {
      outbox.append(fruitRecord(seq));
      link.sender?.wake();
      const sinceMs = time.monotonicMs();
      while (!cloud.stored.has(`${sampleBoot} ${seq}`) && time.monotonicMs() < sinceMs + 60_000)
        await time.advance(20);
      waits.push(time.monotonicMs() - sinceMs);
      await time.advance(317);
    }
    expect(cloud.stored.has(`${sampleBoot} 0`)).toBe(false);
    // 250 ms for others to travel with, the latency, and 4 KiB at 8,000 bytes a second; the whole sample takes 32 s.
    expect(Math.max(...waits)).toBeLessThan(1_100);
    const ofGradesBytes = link.bytes - cloud.pieceChars;
    while (outbox.depth() > 0) await time.advance(1_000);
    expect(cloud.samples).toBe(1);
    expect(cloud.pieceChars).toBe(chars);
    expect(link.bytes - ofGradesBytes).toBeLessThan(chars * 1.12);
    // Its pieces wait for each other's answers and no more.
    expect(time.monotonicMs()).toBeLessThan(60_000);
  });

  it('goes on where it was after lost connections and restarts: no piece that arrived is sent again', async () => {
    const { time, outbox, link, cloud, live } = start();
    outbox.append(sample);
    let lost = 0;
    for (let turn = 0; turn < 12; turn++) {
      // Now on its way there, now arrived and its answer on its way back, now between two.
      await time.advance(2_000 + turn * 97);
      const before = cloud.pieceChars;
      link.break();
      if (turn % 2 === 1) live();
      expect(cloud.pieceChars).toBe(before);
      lost++;
    }
    while (outbox.depth() > 0) await time.advance(1_000);
    expect([cloud.samples, cloud.pieceChars, lost]).toEqual([1, chars, 12]);
    expect(cloud.stored.get(`${sampleBoot} 0`)).toBe(1);
  });

  it('begins anew when what was kept of it is lost', async () => {
    const { time, outbox, cloud } = start();
    outbox.append(sample);
    await time.advance(10_000);
    const before = cloud.pieceChars;
    // The sample of an agent that took the station's place meanwhile.
    cloud.receive('samples', pieceOfAnother());
    while (outbox.depth() > 0) await time.advance(1_000);
    expect(cloud.samples).toBe(1);
    expect(cloud.pieceChars).toBeGreaterThan(chars + before / 2);
    expect(cloud.pieceChars).toBeLessThan(chars + 2 * before);
  });
});

it('takes larger pieces where the link is fast', async () => {
  const { time, outbox, cloud, link } = start(50_000_000);
  for (let seq = 0; seq < 4; seq++) outbox.append(sampleRecord(seq, 140_000));
  link.sender?.wake();
  await time.advance(12_000);
  expect([cloud.samples, cloud.pieceCharsMax]).toEqual([4, 16_384]);
});

function pieceOfAnother(): Buffer {
  const part = { from: 0, of: 9_000, digest: 'f'.repeat(64) };
  const { value } = sampleRecord(99);
  const { v, boot, seq, at } = value as { v: 1; boot: string; seq: number; at: string };
  return Buffer.from(JSON.stringify({ v, boot, seq, at, part, text: 'x'.repeat(2_000) }));
}
