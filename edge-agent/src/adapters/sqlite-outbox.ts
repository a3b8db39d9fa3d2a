/**
 * The outbox on disk. The main thread opens the reader first (it checks the file and counts what is in it), then each
 * thread opens a writer of its own on the same file and the same `OutboxCounter`.
 *
 * Invariants: a record whose append returned is in the file until it is acknowledged or thrown away; what is thrown away
 * is counted in `dropped`; a full disk costs records, never the file.
 */
import { systemErrorCode } from '@pomona/wire';
import type { OutboxKind, OutboxReader, OutboxRecord, OutboxWriter, StoredRecord } from '../domain/outbox.ts';
import type { OutboxCounter } from './outbox-counter.ts';
import { openCheckedOutboxDatabase, openOutboxDatabase, recordOverheadBytes } from './outbox-database.ts';

export const outboxLimitBytesDefault = 64 * 1024 * 1024;

export interface OutboxWriterOptions {
  readonly file: string;
  readonly counter: OutboxCounter;
  readonly limitBytes?: number;
  /** Told once per cause when a record could not be stored. */
  readonly onTrouble?: (code: string, message: string) => void;
}

export interface OutboxReaderOptions {
  readonly file: string;
  readonly counter: OutboxCounter;
  /** Names the copy of a damaged file. */
  readonly boot: string;
  readonly onMovedAside?: (to: string, reason: string) => void;
}

export interface ClosableOutboxWriter extends OutboxWriter {
  close(): void;
}

export interface ClosableOutboxReader extends OutboxReader {
  /**
   * Moves the log into the file, so that the log starts again from its beginning. Syncs, so it may take as long as the
   * disk does. To be called now and then: nobody else does it.
   */
  checkpoint(): void;
  close(): void;
}

/** Records thrown away at once when there is no room: a scan per record would be slow in a full outbox. */
const dropAtOnce = 32;

export function openOutboxWriter(options: OutboxWriterOptions): ClosableOutboxWriter {
  const { counter, limitBytes = outboxLimitBytesDefault } = options;
  const database = openOutboxDatabase(options.file);
  const insert = database.prepare('INSERT INTO record (boot, seq, kind, value) VALUES (?, ?, ?, ?)');
  const dropHealth = database.prepare(
    `DELETE FROM record WHERE row IN (SELECT row FROM record WHERE kind = 'health' ORDER BY row LIMIT ?)
     RETURNING length(value) AS bytes`,
  );
  const dropFruit = database.prepare(
    `DELETE FROM record WHERE row IN (SELECT row FROM record ORDER BY row LIMIT ?) RETURNING length(value) AS bytes`,
  );
  const told = new Set<string>();

  /** Inside a transaction; returns what was thrown away. */
  const makeRoom = (bytesWanted: number): Tally => {
    const gone: Tally = { records: 0, bytes: 0 };
    while (gone.bytes < bytesWanted) {
      const first = sum(dropHealth.all(dropAtOnce) as BytesRow[]);
      const batch = first.records > 0 ? first : sum(dropFruit.all(dropAtOnce) as BytesRow[]);
      if (batch.records === 0) break;
      gone.records += batch.records;
      gone.bytes += batch.bytes;
    }
    return gone;
  };

  const store = database.transaction((record: OutboxRecord, text: string, bytesWanted: number): Tally => {
    const gone = bytesWanted > 0 ? makeRoom(bytesWanted) : { records: 0, bytes: 0 };
    insert.run(record.boot, record.seq, record.kind, text);
    return gone;
  });

  return {
    nextSeq: () => counter.add('seq', 1),
    append(record) {
      const text = JSON.stringify(record.value);
      const bytesWanted = counter.get('bytes') + costOf(text.length) - limitBytes;
      try {
        const gone = store.immediate(record, text, bytesWanted);
        counter.add('bytes', costOf(text.length) - gone.bytes);
        counter.add('depth', 1 - gone.records);
        counter.add('dropped', gone.records);
      } catch (error) {
        const code = systemErrorCode(error);
        // Losing a record is bad; a line that stands still for a broken disk is worse.
        if (code === undefined || !code.startsWith('SQLITE_')) throw error;
        counter.add('dropped', 1);
        if (told.has(code)) return;
        told.add(code);
        options.onTrouble?.(code, (error as Error).message);
      }
    },
    close: () => database.close(),
  };
}

export function openOutboxReader(options: OutboxReaderOptions): ClosableOutboxReader {
  const { file, counter } = options;
  const database = openCheckedOutboxDatabase(
    file,
    `damaged-${options.boot}`,
    options.onMovedAside ?? (() => undefined),
  );
  const select = database.prepare(
    'SELECT row, boot, seq, kind, value FROM record WHERE row > ? ORDER BY row LIMIT ?',
  );
  const remove = database.prepare(
    'DELETE FROM record WHERE boot = ? AND seq BETWEEN ? AND ? RETURNING length(value) AS bytes',
  );
  const acknowledge = database.transaction(
    (boot: string, ranges: readonly (readonly [number, number])[]): Tally =>
      sum(ranges.flatMap(([from, to]) => remove.all(boot, from, to) as BytesRow[])),
  );
  const stored = database
    .prepare(
      `SELECT count(*) AS records, coalesce(sum(length(value) + ${recordOverheadBytes}), 0) AS bytes FROM record`,
    )
    .get() as Tally;
  counter.set('depth', stored.records);
  counter.set('bytes', stored.bytes);

  return {
    read: (after, limit) => (select.all(after, limit) as StoredRow[]).map(toRecord),
    acknowledge(boot, ranges) {
      const gone = acknowledge.immediate(boot, ranges);
      counter.add('depth', -gone.records);
      counter.add('bytes', -gone.bytes);
    },
    depth: () => counter.get('depth'),
    dropped: () => counter.get('dropped'),
    checkpoint: () => void database.pragma('wal_checkpoint(PASSIVE)'),
    close: () => database.close(),
  };
}

interface BytesRow {
  readonly bytes: number;
}

interface Tally {
  records: number;
  bytes: number;
}

interface StoredRow {
  readonly row: number;
  readonly boot: string;
  readonly seq: number;
  readonly kind: OutboxKind;
  readonly value: string;
}

function toRecord(row: StoredRow): StoredRecord {
  return { ...row, value: JSON.parse(row.value) };
}

function costOf(textLength: number): number {
  return textLength + recordOverheadBytes;
}

function sum(rows: readonly BytesRow[]): Tally {
  return { records: rows.length, bytes: rows.reduce((total, row) => total + costOf(row.bytes), 0) };
}
