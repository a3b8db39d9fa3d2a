/**
 * Decides which records of the outbox go into the next message. Holds what was read and not yet acknowledged, and nothing
 * else: all that must survive is in the outbox.
 *
 * Invariants: a record is in the queue or in one batch in flight; it leaves when it is acknowledged, or is given up by
 * name; a message holds records that may share one (one kind, boot, release, recipe, labels); at most `batchesMax`
 * batches are in flight and at most `queueMax` records wait.
 */
import type { GradedFruit } from './line-messages.ts';
import type { StoredRecord } from './outbox.ts';

export interface SendLimits {
  readonly fruitsPerBatchMax: number;
  /** A fruit waits this long for others to travel with. */
  readonly flushMs: number;
  readonly batchesMax: number;
  readonly queueMax: number;
  /** Sent again when not acknowledged after this long; doubles with each attempt up to the limit. */
  readonly ackTimeoutMs: number;
  readonly ackTimeoutMaxMs: number;
}

export const sendLimits: SendLimits = {
  fruitsPerBatchMax: 200,
  flushMs: 250,
  batchesMax: 4,
  queueMax: 1_000,
  ackTimeoutMs: 10_000,
  ackTimeoutMaxMs: 120_000,
};

type Range = readonly [number, number];

interface Waiting {
  readonly record: StoredRecord;
  readonly sinceMs: number;
}

interface InFlight {
  records: readonly StoredRecord[];
  attempts: number;
  dueMs: number;
}

export class SendWindow {
  readonly #limits: SendLimits;
  #queue: Waiting[] = [];
  #flights: InFlight[] = [];
  #cursor = 0;

  constructor(limits: SendLimits = sendLimits) {
    this.#limits = limits;
  }

  /** Row of the last record that was read. */
  get cursor(): number {
    return this.#cursor;
  }

  /** How many more records it has room for. */
  get room(): number {
    return Math.max(0, this.#limits.queueMax - this.#queue.length);
  }

  /** Takes what was read after `cursor`. */
  offer(records: readonly StoredRecord[], nowMs: number): void {
    for (const record of records) this.#queue.push({ record, sinceMs: nowMs });
    this.#cursor = records.at(-1)?.row ?? this.#cursor;
  }

  /** The records of the message to send now, which is in flight from then on; undefined when nothing is due. */
  next(nowMs: number): readonly StoredRecord[] | undefined {
    const overdue = this.#flights.find((flight) => flight.dueMs <= nowMs);
    const flight = overdue ?? this.#depart(nowMs);
    if (flight === undefined) return undefined;
    const { ackTimeoutMs, ackTimeoutMaxMs } = this.#limits;
    flight.dueMs = nowMs + Math.min(ackTimeoutMs * 2 ** Math.min(flight.attempts, 16), ackTimeoutMaxMs);
    flight.attempts++;
    return flight.records;
  }

  /** When `next` may have something although nothing else happens; undefined when it will not. */
  dueMs(): number | undefined {
    const due = this.#flights.map((flight) => flight.dueMs);
    const first = this.#queue[0];
    if (first !== undefined && this.#flights.length < this.#limits.batchesMax)
      due.push(first.record.kind === 'fruit' ? first.sinceMs + this.#limits.flushMs : first.sinceMs);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  /** Forgets the records with these names, acknowledged or given up. */
  forget(boot: string, ranges: readonly Range[]): void {
    const stays = ({ boot: of, seq }: StoredRecord): boolean =>
      of !== boot || !ranges.some(([from, to]) => seq >= from && seq <= to);
    for (const flight of this.#flights) flight.records = flight.records.filter(stays);
    this.#flights = this.#flights.filter((flight) => flight.records.length > 0);
    this.#queue = this.#queue.filter(({ record }) => stays(record));
  }

  /** What was in flight on a lost connection may or may not have arrived: all of it is due again. */
  linkLost(): void {
    for (const flight of this.#flights) {
      flight.dueMs = Number.NEGATIVE_INFINITY;
      flight.attempts = 0;
    }
  }

  #depart(nowMs: number): InFlight | undefined {
    const { batchesMax, fruitsPerBatchMax, flushMs } = this.#limits;
    const first = this.#queue[0];
    if (first === undefined || this.#flights.length >= batchesMax) return undefined;
    const companions =
      first.record.kind === 'fruit' ? this.#companionsOf(first.record, fruitsPerBatchMax) : [first.record];
    const full = companions.length >= fruitsPerBatchMax || first.record.kind !== 'fruit';
    if (!full && nowMs - first.sinceMs < flushMs) return undefined;
    const going = new Set(companions);
    this.#queue = this.#queue.filter(({ record }) => !going.has(record));
    const flight = { records: companions, attempts: 0, dueMs: nowMs };
    this.#flights.push(flight);
    return flight;
  }

  #companionsOf(first: StoredRecord, countMax: number): StoredRecord[] {
    const key = batchKey(first);
    const companions: StoredRecord[] = [];
    for (const { record } of this.#queue) {
      if (record.kind === 'fruit' && batchKey(record) === key) companions.push(record);
      if (companions.length >= countMax) break;
    }
    return companions;
  }
}

function batchKey({ boot, value }: StoredRecord): string {
  const { release, recipeVersion, labels } = value as GradedFruit;
  return `${boot} ${release.digest} ${release.name} ${release.version} ${recipeVersion} ${labels.join()}`;
}
