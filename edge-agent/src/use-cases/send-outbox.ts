/**
 * Brings the outbox to the control plane: at least once, removed only when it says that it has stored it. What it stores
 * is named by (boot, seq), so a record that travels twice counts once.
 *
 * Samples wait for everything else: they have a lane of their own, one message at a time, no faster than the cap, and not
 * at all while the control plane says that it is quiet hours.
 */
import {
  type Ack,
  ByteRate,
  type DriftWindow,
  encode,
  type Grades,
  type Health,
  type Samples,
} from '@pomona/wire';
import type { GradedFruit } from '../domain/line-messages.ts';
import type { OutboxLane, OutboxReader, StoredRecord } from '../domain/outbox.ts';
import { type SendLimits, SendWindow, sampleLimits, sendLimits } from '../domain/send-window.ts';
import type { Link } from './link.ts';
import type { Scheduler } from './scheduler.ts';

/** Records that other threads wrote are found after this long even when nobody says so. */
const pollMs = 1_000;

export interface SenderPorts {
  readonly outbox: OutboxReader;
  readonly link: Link;
  readonly scheduler: Scheduler;
  /** Of samples; undefined for no cap. */
  readonly kbitPerSMax?: number | undefined;
  /** What went wrong without stopping it; the same cause may come again and again. */
  readonly onTrouble: (code: string, message: string) => void;
}

export class OutboxSender {
  readonly #ports: SenderPorts;
  /** In the order in which they may send. */
  readonly #lanes: readonly Lane[];
  readonly #sampleRate: ByteRate | undefined;
  /** Until then, of monotonic time, no samples are sent. */
  #holdUntilMs = Number.NEGATIVE_INFINITY;
  #running = false;
  #cancelTimer: () => void = () => undefined;
  #timerMs = Number.POSITIVE_INFINITY;

  constructor(ports: SenderPorts, limits: SendLimits = sendLimits) {
    this.#ports = ports;
    const { kbitPerSMax, scheduler } = ports;
    this.#sampleRate =
      kbitPerSMax === undefined ? undefined : new ByteRate(kbitPerSMax, scheduler.monotonicMs());
    this.#lanes = [
      { name: 'telemetry', window: new SendWindow(limits) },
      { name: 'samples', window: new SendWindow(sampleLimits) },
    ];
  }

  start(): void {
    this.#running = true;
    this.wake();
  }

  stop(): void {
    this.#running = false;
    this.#cancelTimer();
    this.#timerMs = Number.POSITIVE_INFINITY;
  }

  /** There may be something to do: records were appended, or the link came up. */
  wake(): void {
    if (!this.#running) return;
    const { link, scheduler } = this.#ports;
    if (link.isUp()) {
      for (const lane of this.#lanes) {
        this.#fill(lane);
        this.#sendDue(lane);
      }
    }
    const nowMs = scheduler.monotonicMs();
    const dueMs = link.isUp() ? this.#dueMs() : Number.POSITIVE_INFINITY;
    // A due batch that the link did not take waits for the poll, not in a loop.
    this.#wakeAt(dueMs > nowMs ? Math.min(dueMs, nowMs + pollMs) : nowMs + pollMs);
  }

  acknowledged({ boot, ranges, holdSamplesS = 0 }: Ack): void {
    this.#holdUntilMs = this.#ports.scheduler.monotonicMs() + holdSamplesS * 1_000;
    if (this.#remove(boot, ranges)) this.wake();
  }

  linkLost(): void {
    for (const { window } of this.#lanes) window.linkLost();
  }

  #dueMs(): number {
    return Math.min(
      ...this.#lanes.map((lane) =>
        Math.max(lane.window.dueMs() ?? Number.POSITIVE_INFINITY, this.#maySendMs(lane)),
      ),
    );
  }

  #maySendMs({ name }: Lane): number {
    if (name !== 'samples') return Number.NEGATIVE_INFINITY;
    const rateMs = this.#sampleRate?.dueMs(this.#ports.scheduler.monotonicMs());
    return Math.max(this.#holdUntilMs, rateMs ?? Number.NEGATIVE_INFINITY);
  }

  #fill({ name, window }: Lane): void {
    const { outbox, scheduler, onTrouble } = this.#ports;
    if (window.room === 0) return;
    try {
      const records = outbox.read(window.cursor, window.room, name);
      window.offer(records, scheduler.monotonicMs());
    } catch (error) {
      onTrouble('outbox-read', messageOf(error));
    }
  }

  #sendDue(lane: Lane): void {
    const { link, scheduler } = this.#ports;
    while (link.isUp() && this.#maySendMs(lane) <= scheduler.monotonicMs()) {
      const records = lane.window.next(scheduler.monotonicMs());
      if (records === undefined) return;
      const sendable = this.#encode(records);
      // What the link does not take stays in flight and is due again after the timeout.
      if (sendable !== undefined && !link.send(sendable.channel, sendable.bytes)) return;
      if (lane.name === 'samples' && sendable !== undefined)
        this.#sampleRate?.take(sendable.bytes.byteLength, scheduler.monotonicMs());
    }
  }

  #remove(boot: string, ranges: Ack['ranges']): boolean {
    try {
      this.#ports.outbox.acknowledge(boot, ranges);
    } catch (error) {
      // Still in the window: it is sent again, acknowledged again, and removed once the disk can.
      this.#ports.onTrouble('outbox-remove', messageOf(error));
      return false;
    }
    for (const { window } of this.#lanes) window.forget(boot, ranges);
    return true;
  }

  /** Undefined after a record that no receiver would take was given up; the rest of its batch is sent again. */
  #encode(records: readonly StoredRecord[]): Message | undefined {
    const nowMs = this.#ports.scheduler.nowMs();
    try {
      return messageOfRecords(records, nowMs);
    } catch (error) {
      for (const record of records) {
        if (isSendable(record, nowMs)) continue;
        this.#ports.onTrouble('outbox-unsendable', `${record.boot} ${record.seq}: ${messageOf(error)}`);
        this.#remove(record.boot, [[record.seq, record.seq]]);
      }
      return undefined;
    }
  }

  #wakeAt(atMs: number): void {
    const nowMs = this.#ports.scheduler.monotonicMs();
    if (atMs >= this.#timerMs && this.#timerMs > nowMs) return;
    this.#cancelTimer();
    this.#timerMs = atMs;
    this.#cancelTimer = this.#ports.scheduler.after(Math.max(0, atMs - nowMs), () => {
      this.#timerMs = Number.POSITIVE_INFINITY;
      this.wake();
    });
  }
}

interface Lane {
  readonly name: OutboxLane;
  readonly window: SendWindow;
}

interface Message {
  readonly channel: 'grades' | 'health' | 'samples' | 'drift';
  readonly bytes: Buffer;
}

function messageOfRecords(records: readonly StoredRecord[], nowMs: number): Message {
  const first = records[0]!;
  if (first.kind === 'health') return { channel: 'health', bytes: encode('health', first.value as Health) };
  if (first.kind === 'sample')
    return { channel: 'samples', bytes: encode('samples', first.value as Samples) };
  if (first.kind === 'drift') return { channel: 'drift', bytes: encode('drift', first.value as DriftWindow) };
  const { release, recipeVersion, labels } = first.value as GradedFruit;
  const grades: Grades = {
    v: 1,
    boot: first.boot,
    seq: first.seq,
    at: new Date(nowMs).toISOString(),
    release,
    recipeVersion,
    labels: [...labels],
    fruits: records.map((record) => (record.value as GradedFruit).fruit),
  };
  return { channel: 'grades', bytes: encode('grades', grades) };
}

function isSendable(record: StoredRecord, nowMs: number): boolean {
  try {
    return messageOfRecords([record], nowMs).bytes.byteLength > 0;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
