/**
 * Brings the outbox to the control plane: at least once, removed only when it says that it has stored it. What it stores
 * is named by (boot, seq), so a record that travels twice counts once.
 *
 * Samples wait for everything else: they have a lane of their own, in pieces and one piece at a time, no faster than the cap, and not
 * at all while the control plane says so (quiet hours, the site's cap).
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
import type { OutboxReader, StoredRecord } from '../domain/outbox.ts';
import { type SamplePiece, SampleWindow } from '../domain/sample-window.ts';
import { type SendLimits, SendWindow, sendLimits } from '../domain/send-window.ts';
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
  readonly #telemetry: SendWindow;
  readonly #samples: SampleWindow;
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
    this.#telemetry = new SendWindow(limits);
    this.#samples = new SampleWindow(limits);
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
      this.#sendTelemetry();
      this.#sendSamples();
    }
    const nowMs = scheduler.monotonicMs();
    const dueMs = link.isUp() ? this.#dueMs() : Number.POSITIVE_INFINITY;
    // A due batch that the link did not take waits for the poll, not in a loop.
    this.#wakeAt(dueMs > nowMs ? Math.min(dueMs, nowMs + pollMs) : nowMs + pollMs);
  }

  acknowledged({ boot, ranges, sample, holdSamplesS = 0 }: Ack): void {
    const nowMs = this.#ports.scheduler.monotonicMs();
    this.#holdUntilMs = nowMs + holdSamplesS * 1_000;
    if (sample !== undefined) this.#samples.kept(boot, sample, nowMs);
    if (this.#remove(boot, ranges)) this.wake();
  }

  linkLost(): void {
    this.#telemetry.linkLost();
    this.#samples.linkLost();
  }

  #dueMs(): number {
    return Math.min(
      this.#telemetry.dueMs() ?? Number.POSITIVE_INFINITY,
      Math.max(this.#samples.dueMs() ?? Number.POSITIVE_INFINITY, this.#maySendSamplesMs()),
    );
  }

  #maySendSamplesMs(): number {
    const rateMs = this.#sampleRate?.dueMs(this.#ports.scheduler.monotonicMs());
    return Math.max(this.#holdUntilMs, rateMs ?? Number.NEGATIVE_INFINITY);
  }

  #sendTelemetry(): void {
    const { link, scheduler } = this.#ports;
    const window = this.#telemetry;
    if (window.room > 0)
      window.offer(this.#read(window.cursor, window.room, 'telemetry'), scheduler.monotonicMs());
    while (link.isUp()) {
      const records = window.next(scheduler.monotonicMs());
      if (records === undefined) return;
      const sendable = this.#encode(records);
      // What the link does not take stays in flight and is due again after the timeout.
      if (sendable !== undefined && !link.send(sendable.channel, sendable.bytes)) return;
    }
  }

  /** One piece at most: the next waits for this one's answer. */
  #sendSamples(): void {
    const { link, scheduler } = this.#ports;
    if (this.#maySendSamplesMs() > scheduler.monotonicMs()) return;
    while (this.#samples.hasRoom) {
      const [record] = this.#read(this.#samples.cursor, 1, 'samples');
      if (record === undefined) return;
      this.#openSample(record);
    }
    const piece = this.#samples.next(scheduler.monotonicMs());
    if (piece === undefined) return;
    const bytes = messageOfPiece(piece, scheduler.nowMs());
    if (link.send('samples', bytes)) this.#sampleRate?.take(bytes.byteLength, scheduler.monotonicMs());
  }

  /** A sample that no receiver would take is given up. */
  #openSample(record: StoredRecord): void {
    let text: string;
    try {
      text = encode('samples', record.value as Samples).toString();
    } catch (error) {
      this.#samples.skip(record);
      this.#giveUp(record, error);
      return;
    }
    this.#samples.take(record, text);
  }

  #read(...which: Parameters<OutboxReader['read']>): readonly StoredRecord[] {
    try {
      return this.#ports.outbox.read(...which);
    } catch (error) {
      this.#ports.onTrouble('outbox-read', messageOf(error));
      return [];
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
    this.#telemetry.forget(boot, ranges);
    this.#samples.forget(boot, ranges);
    return true;
  }

  /** Undefined after a record that no receiver would take was given up; the rest of its batch is sent again. */
  #encode(records: readonly StoredRecord[]): Message | undefined {
    const nowMs = this.#ports.scheduler.nowMs();
    try {
      return messageOfRecords(records, nowMs);
    } catch (error) {
      for (const record of records) {
        if (!isSendable(record, nowMs)) this.#giveUp(record, error);
      }
      return undefined;
    }
  }

  #giveUp({ boot, seq }: StoredRecord, error: unknown): void {
    this.#ports.onTrouble('outbox-unsendable', `${boot} ${seq}: ${messageOf(error)}`);
    this.#remove(boot, [[seq, seq]]);
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

interface Message {
  readonly channel: 'grades' | 'health' | 'drift';
  readonly bytes: Buffer;
}

function messageOfRecords(records: readonly StoredRecord[], nowMs: number): Message {
  const first = records[0]!;
  if (first.kind === 'health') return { channel: 'health', bytes: encode('health', first.value as Health) };
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

function messageOfPiece(piece: SamplePiece, nowMs: number): Buffer {
  return encode('samples', { v: 1, at: new Date(nowMs).toISOString(), ...piece });
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
