import type { OutboxLane, OutboxReader, OutboxRecord, StoredRecord } from '../domain/outbox.ts';

/** An outbox that outlives the agents of a test, as the file on disk does. */
export class MemoryOutbox implements OutboxReader {
  #rows: StoredRecord[] = [];
  #lastRow = 0;

  append(record: OutboxRecord): boolean {
    this.#rows.push({ ...record, row: ++this.#lastRow });
    return true;
  }

  read(after: number, limit: number, lane: OutboxLane = 'telemetry'): readonly StoredRecord[] {
    return this.#rows
      .filter(({ kind, row }) => row > after && (kind === 'sample') === (lane === 'samples'))
      .slice(0, limit);
  }

  acknowledge(boot: string, ranges: readonly (readonly [number, number])[]): void {
    this.#rows = this.#rows.filter(
      (record) =>
        record.boot !== boot || !ranges.some(([from, to]) => record.seq >= from && record.seq <= to),
    );
  }

  depth(): number {
    return this.#rows.length;
  }

  dropped(): number {
    return 0;
  }
}
