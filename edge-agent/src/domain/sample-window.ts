/**
 * Decides which piece of which sample goes next. One sample is under way at a time, and one piece of it in flight, so that whatever else
 * is to be sent waits behind one piece at most. What of it arrived is known to the control plane alone: after a start, a
 * lost connection or a silence it is asked, which costs some bytes, rather than sent a piece that it may have.
 */
import { digestOf } from '@pomona/release';
import { type SamplePart, samplePartChars } from '@pomona/wire';
import type { StoredRecord } from './outbox.ts';
import { type SendLimits, sendLimits } from './send-window.ts';

/** Half a second of 64 kbit/s: where pieces take longer, they are so long and no longer. */
const shortChars = 4_096;
/** Pieces grow while one is stored and acknowledged within this time. */
const quickMs = 250;

interface UnderWay {
  readonly record: StoredRecord;
  readonly text: string;
  readonly digest: string;
  /** Where the next piece begins; undefined where that must be asked. */
  from: number | undefined;
}

interface Flight {
  readonly sinceMs: number;
  readonly dueMs: number;
}

export type SamplePiece = Pick<SamplePart, 'boot' | 'seq' | 'part' | 'text'>;

export class SampleWindow {
  readonly #limits: Pick<SendLimits, 'ackTimeoutMs' | 'ackTimeoutMaxMs'>;
  #sample: UnderWay | undefined;
  #cursor = 0;
  #flight: Flight | undefined;
  /** Of the same piece, or question, in a row. */
  #attempts = 0;
  #pieceChars = shortChars;
  #isFirst = true;

  constructor(limits: Pick<SendLimits, 'ackTimeoutMs' | 'ackTimeoutMaxMs'> = sendLimits) {
    this.#limits = limits;
  }

  /** Row of the last record that was taken. */
  get cursor(): number {
    return this.#cursor;
  }

  get hasRoom(): boolean {
    return this.#sample === undefined;
  }

  /** The next sample, and its JSON. */
  take(record: StoredRecord, text: string): void {
    this.skip(record);
    // The first one may have been under way before this start.
    const from = this.#isFirst ? undefined : 0;
    this.#isFirst = false;
    this.#sample = { record, text, digest: digestOf(Buffer.from(text)), from };
    this.#land();
  }

  /** Passes over a sample that cannot be sent. */
  skip({ row }: StoredRecord): void {
    this.#cursor = row;
  }

  /** What to send now, which is in flight from then on; undefined when nothing is due. */
  next(nowMs: number): SamplePiece | undefined {
    const sample = this.#sample;
    if (sample === undefined || (this.#flight !== undefined && nowMs < this.#flight.dueMs)) return undefined;
    if (this.#flight !== undefined) this.#doubt();
    const { ackTimeoutMs, ackTimeoutMaxMs } = this.#limits;
    const waitMs = Math.min(ackTimeoutMs * 2 ** Math.min(this.#attempts++, 16), ackTimeoutMaxMs);
    this.#flight = { sinceMs: nowMs, dueMs: nowMs + waitMs };
    const { record, text, digest, from } = sample;
    return {
      boot: record.boot,
      seq: record.seq,
      part: { from: from ?? 0, of: text.length, digest },
      text: from === undefined ? '' : text.slice(from, from + this.#pieceChars),
    };
  }

  /** When `next` may have something although nothing else happens; undefined when it will not. */
  dueMs(): number | undefined {
    if (this.#sample === undefined) return undefined;
    return this.#flight?.dueMs ?? Number.NEGATIVE_INFINITY;
  }

  /** So much of a sample is kept. */
  kept(boot: string, { seq, upTo }: { readonly seq: number; readonly upTo: number }, nowMs: number): void {
    const sample = this.#sample;
    // Where the piece in flight begins: an answer from before it was sent.
    if (sample?.record.boot !== boot || sample.record.seq !== seq || sample.from === upTo) return;
    if (sample.from !== undefined && this.#flight !== undefined) this.#fit(nowMs - this.#flight.sinceMs);
    // Less than it said before: an answer that is late, or what it had is lost.
    const isLess = sample.from !== undefined && upTo < sample.from;
    sample.from = isLess ? undefined : Math.min(upTo, sample.text.length - 1);
    this.#land();
  }

  /** Forgets the record with such a name, stored or given up. */
  forget(boot: string, ranges: readonly (readonly [number, number])[]): void {
    const { record } = this.#sample ?? {};
    if (record?.boot !== boot || !ranges.some(([from, to]) => record.seq >= from && record.seq <= to)) return;
    this.#sample = undefined;
    this.#land();
  }

  linkLost(): void {
    if (this.#flight !== undefined) this.#doubt();
    this.#land();
  }

  #land(): void {
    this.#flight = undefined;
    this.#attempts = 0;
  }

  #doubt(): void {
    this.#pieceChars = shortChars;
    if (this.#sample !== undefined) this.#sample.from = undefined;
  }

  #fit(tookMs: number): void {
    if (tookMs > 2 * quickMs) this.#pieceChars = shortChars;
    else if (tookMs <= quickMs) this.#pieceChars = Math.min(2 * this.#pieceChars, samplePartChars.max);
  }
}
