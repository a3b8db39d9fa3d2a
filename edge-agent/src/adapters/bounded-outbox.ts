/** An outbox in memory, for stations that are simulated: what is in it ends with the process. */
import type { OutboxLane, OutboxReader, OutboxRecord, OutboxWriter, StoredRecord } from '../domain/outbox.ts';

export class BoundedOutbox implements OutboxReader, OutboxWriter {
  readonly #recordsMax: number;
  /** In the order in which they came. */
  readonly #rows = new Map<number, StoredRecord>();
  readonly #rowOf = new Map<string, number>();
  #lastRow = 0;
  #seq = 0;
  #dropped = 0;
  #acknowledged = { fruit: 0, health: 0, sample: 0, drift: 0 };

  constructor(recordsMax: number) {
    this.#recordsMax = recordsMax;
  }

  /** Fruits that the control plane has said it stored. */
  get acknowledgedFruits(): number {
    return this.#acknowledged.fruit;
  }

  nextSeq(): number {
    return ++this.#seq;
  }

  /** When it is full the oldest record goes, and is counted. */
  append(record: OutboxRecord): boolean {
    const [oldest] = this.#rows.values();
    if (oldest !== undefined && this.#rows.size >= this.#recordsMax) {
      this.#remove(oldest);
      this.#dropped++;
    }
    const row = ++this.#lastRow;
    this.#rows.set(row, { ...record, row });
    this.#rowOf.set(`${record.boot} ${record.seq}`, row);
    return true;
  }

  read(after: number, limit: number, lane: OutboxLane = 'telemetry'): readonly StoredRecord[] {
    const found: StoredRecord[] = [];
    for (let row = after + 1; row <= this.#lastRow && found.length < limit; row++) {
      const record = this.#rows.get(row);
      if (record !== undefined && (record.kind === 'sample') === (lane === 'samples')) found.push(record);
    }
    return found;
  }

  acknowledge(boot: string, ranges: readonly (readonly [number, number])[]): void {
    for (const [from, to] of ranges) {
      // Never more than was given out, whatever a message says.
      for (let seq = from; seq <= Math.min(to, this.#seq); seq++) {
        const record = this.#rows.get(this.#rowOf.get(`${boot} ${seq}`) ?? 0);
        if (record === undefined) continue;
        this.#remove(record);
        this.#acknowledged[record.kind]++;
      }
    }
  }

  depth(): number {
    return this.#rows.size;
  }

  dropped(): number {
    return this.#dropped;
  }

  #remove({ row, boot, seq }: StoredRecord): void {
    this.#rows.delete(row);
    this.#rowOf.delete(`${boot} ${seq}`);
  }
}
