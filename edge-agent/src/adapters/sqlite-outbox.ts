/**
 * The outbox on disk. The main thread opens the reader first (it checks the file and counts what is in it), then each
 * thread opens a writer of its own on the same file and the same `OutboxCounter`.
 *
 * Invariants: a record whose append returned is in the file until it is acknowledged or thrown away; what is thrown away
 * is counted in `dropped`; what a full or broken disk does not take waits in memory, and is in `depth`; a full disk
 * costs no more than what finds no room there, never the file.
 */
import { type Clock, systemClock, systemErrorCode } from '@pomona/wire';
import type { OutboxKind, OutboxReader, OutboxRecord, OutboxWriter, StoredRecord } from '../domain/outbox.ts';
import type { OutboxCounter } from './outbox-counter.ts';
import { openCheckedOutboxDatabase, openOutboxDatabase, recordOverheadBytes } from './outbox-database.ts';

export const outboxLimitBytesDefault = 64 * 1024 * 1024;
export const sampleLimitBytesDefault = 16 * 1024 * 1024;

export interface OutboxWriterOptions {
  readonly file: string;
  readonly counter: OutboxCounter;
  readonly limitBytes?: number;
  /** Of `limitBytes`, for samples. */
  readonly sampleLimitBytes?: number;
  /** For what waits in memory while the disk takes nothing. Default 16 MiB: ten minutes of 48 fruits a second. */
  readonly waitingLimitBytes?: number;
  readonly clock?: Clock;
  /** Told once per cause, until all is stored again, when a record could not be. */
  readonly onTrouble?: (code: string, message: string) => void;
}

export interface OutboxReaderOptions {
  readonly file: string;
  readonly counter: OutboxCounter;
  /** Names the copy of a damaged file. */
  readonly boot: string;
  readonly onMovedAside?: (to: string, reason: string) => void;
  /** Told each time that the log could not be moved into the file. */
  readonly onTrouble?: (code: string, message: string) => void;
}

export interface ClosableOutboxWriter extends OutboxWriter {
  /** Stores some of what waits in memory, if the disk takes it again. To be called now and then: `append` does it too. */
  flush(): void;
  /** What the disk does not take even now is lost, and counted. */
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
const waitingLimitBytesDefault = 16 * 1024 * 1024;
/** A disk that refused is asked again so soon; then so many are stored at once, for the line must not wait for thousands. */
const askAgainMs = 1_000;
const flushAtOnce = 16;

export function openOutboxWriter(options: OutboxWriterOptions): ClosableOutboxWriter {
  const {
    counter,
    limitBytes = outboxLimitBytesDefault,
    sampleLimitBytes = sampleLimitBytesDefault,
    waitingLimitBytes = waitingLimitBytesDefault,
    clock = systemClock,
  } = options;
  const database = openOutboxDatabase(options.file);
  const insert = database.prepare('INSERT INTO record (boot, seq, kind, value) VALUES (?, ?, ?, ?)');
  // What a person labelled goes last of the samples: nobody can say it again. Its mark stands before its views. Not sorted by it:
  // that would read every stored sample for one.
  const dropUnlabelled = database.prepare(
    `DELETE FROM record WHERE row IN
       (SELECT row FROM record
        WHERE kind = 'sample' AND row > ? AND instr(substr(value, 1, 200), '"label":{') = 0 ORDER BY row LIMIT 1)
     RETURNING octet_length(value) AS bytes, kind, row`,
  );
  const dropSample = database.prepare(
    `DELETE FROM record WHERE row IN (SELECT row FROM record WHERE kind = 'sample' ORDER BY row LIMIT 1)
     RETURNING octet_length(value) AS bytes, kind`,
  );
  const newestSample = database
    .prepare(`SELECT coalesce(max(row), 0) FROM record WHERE kind = 'sample'`)
    .pluck();
  const dropHealth = database.prepare(
    `DELETE FROM record WHERE row IN (SELECT row FROM record WHERE kind = 'health' ORDER BY row LIMIT ?)
     RETURNING octet_length(value) AS bytes, kind`,
  );
  const dropFruit = database.prepare(
    `DELETE FROM record WHERE row IN (SELECT row FROM record ORDER BY row LIMIT ?) RETURNING octet_length(value) AS bytes, kind`,
  );
  const told = new Set<string>();
  /** No sample up to this row is without a label. Rows count up and values stay, so none is looked at twice. */
  let labelledUpTo = 0;

  const dropOneSample = (): BytesRow[] => {
    const [row] = dropUnlabelled.all(labelledUpTo) as (BytesRow & { readonly row: number })[];
    labelledUpTo = row?.row ?? (newestSample.get() as number);
    return row === undefined ? (dropSample.all() as BytesRow[]) : [row];
  };

  /** Inside a transaction; returns what was thrown away. */
  const makeRoom = (bytesWanted: number, sampleBytesWanted: number): Tally => {
    let gone: Tally = { records: 0, bytes: 0, sampleBytes: 0 };
    const drop = (rows: unknown[]): boolean => {
      gone = plus(gone, sum(rows as BytesRow[]));
      return rows.length > 0;
    };
    while (gone.sampleBytes < sampleBytesWanted && drop(dropOneSample()));
    while (
      gone.bytes < bytesWanted &&
      (drop(dropOneSample()) || drop(dropHealth.all(dropAtOnce)) || drop(dropFruit.all(dropAtOnce)))
    );
    return gone;
  };

  const store = database.transaction((record: OutboxRecord, text: string, cost: number): Tally => {
    const gone = makeRoom(
      counter.get('bytes') + cost - limitBytes,
      record.kind === 'sample' ? counter.get('sampleBytes') + cost - sampleLimitBytes : 0,
    );
    insert.run(record.boot, record.seq, record.kind, text);
    return gone;
  });

  const waiting: Entry[] = [];
  let waitingBytes = 0;
  let askAgainAtMs = Number.NEGATIVE_INFINITY;

  /** False when the disk is full or broken. */
  const tryStore = ({ record, text, cost }: Entry): boolean => {
    const labelledBefore = labelledUpTo;
    try {
      const gone = store.immediate(record, text, cost);
      counter.add('bytes', cost - gone.bytes);
      counter.add('sampleBytes', (record.kind === 'sample' ? cost : 0) - gone.sampleBytes);
      counter.add('depth', 1 - gone.records);
      counter.add('dropped', gone.records);
      return true;
    } catch (error) {
      // What was thrown away for it is there again.
      labelledUpTo = labelledBefore;
      const code = systemErrorCode(error);
      // Losing a record is bad; a line that stands still for a broken disk is worse.
      if (code === undefined || !code.startsWith('SQLITE_')) throw error;
      if (!told.has(code)) options.onTrouble?.(code, (error as Error).message);
      told.add(code);
      return false;
    }
  };

  const leave = (): Entry => {
    const entry = waiting.shift()!;
    waitingBytes -= entry.cost;
    counter.add('depth', -1);
    return entry;
  };

  const wait = (entry: Entry): boolean => {
    // A picture takes the room of a thousand fruits.
    if (entry.record.kind === 'sample' || entry.cost > waitingLimitBytes) {
      counter.add('dropped', 1);
      return false;
    }
    for (; waitingBytes + entry.cost > waitingLimitBytes; leave()) counter.add('dropped', 1);
    waiting.push(entry);
    waitingBytes += entry.cost;
    counter.add('depth', 1);
    return true;
  };

  const flush = (most: number): void => {
    if (waiting.length === 0) return;
    for (let i = 0; i < most && waiting.length > 0; i++) {
      if (tryStore(waiting[0]!)) leave();
      else {
        askAgainAtMs = clock.monotonicMs() + askAgainMs;
        return;
      }
    }
    if (waiting.length === 0) told.clear();
  };
  const flushSome = (): void => {
    if (clock.monotonicMs() >= askAgainAtMs) flush(flushAtOnce);
  };

  return {
    nextSeq: () => counter.add('seq', 1),
    append(record) {
      const text = JSON.stringify(record.value);
      const entry = { record, text, cost: costOf(Buffer.byteLength(text)) };
      if (record.kind === 'sample' && entry.cost > sampleLimitBytes) {
        counter.add('dropped', 1);
        return false;
      }
      flushSome();
      return (waiting.length === 0 && tryStore(entry)) || wait(entry);
    },
    flush: flushSome,
    close() {
      flush(waiting.length);
      while (waiting.length > 0) {
        leave();
        counter.add('dropped', 1);
      }
      database.close();
    },
  };
}

export function openOutboxReader(options: OutboxReaderOptions): ClosableOutboxReader {
  const { file, counter } = options;
  const database = openCheckedOutboxDatabase(
    file,
    `damaged-${options.boot}`,
    options.onMovedAside ?? (() => undefined),
  );
  const select = (which: string) =>
    database.prepare(
      `SELECT row, boot, seq, kind, value FROM record WHERE ${which} AND row > ? ORDER BY row LIMIT ?`,
    );
  const lanes = { telemetry: select("kind <> 'sample'"), samples: select("kind = 'sample'") };
  const remove = database.prepare(
    'DELETE FROM record WHERE boot = ? AND seq BETWEEN ? AND ? RETURNING octet_length(value) AS bytes, kind',
  );
  const acknowledge = database.transaction(
    (boot: string, ranges: readonly (readonly [number, number])[]): Tally =>
      sum(ranges.flatMap(([from, to]) => remove.all(boot, from, to) as BytesRow[])),
  );
  const stored = database
    .prepare(
      `SELECT count(*) AS records, coalesce(sum(octet_length(value) + ${recordOverheadBytes}), 0) AS bytes,
        coalesce(sum(CASE kind WHEN 'sample' THEN octet_length(value) + ${recordOverheadBytes} ELSE 0 END), 0) AS sampleBytes
       FROM record`,
    )
    .get() as Tally;
  counter.set('depth', stored.records);
  counter.set('bytes', stored.bytes);
  counter.set('sampleBytes', stored.sampleBytes);

  return {
    read: (after, limit, lane = 'telemetry') => (lanes[lane].all(after, limit) as StoredRow[]).map(toRecord),
    acknowledge(boot, ranges) {
      const gone = acknowledge.immediate(boot, ranges);
      counter.add('depth', -gone.records);
      counter.add('bytes', -gone.bytes);
      counter.add('sampleBytes', -gone.sampleBytes);
    },
    depth: () => counter.get('depth'),
    dropped: () => counter.get('dropped'),
    checkpoint() {
      try {
        database.pragma('wal_checkpoint(PASSIVE)');
      } catch (error) {
        // The log grows meanwhile; a disk that is full or broken must not end the agent, nor the line.
        if (systemErrorCode(error)?.startsWith('SQLITE_') !== true) throw error;
        options.onTrouble?.('outbox-checkpoint', (error as Error).message);
      }
    },
    close: () => database.close(),
  };
}

interface Entry {
  readonly record: OutboxRecord;
  /** Of its value. */
  readonly text: string;
  readonly cost: number;
}

interface BytesRow {
  readonly bytes: number;
  readonly kind: OutboxKind;
}

interface Tally {
  readonly records: number;
  readonly bytes: number;
  readonly sampleBytes: number;
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

function costOf(textBytes: number): number {
  return textBytes + recordOverheadBytes;
}

function sum(rows: readonly BytesRow[]): Tally {
  const bytesOf = (some: readonly BytesRow[]) => some.reduce((total, row) => total + costOf(row.bytes), 0);
  const samples = rows.filter(({ kind }) => kind === 'sample');
  return { records: rows.length, bytes: bytesOf(rows), sampleBytes: bytesOf(samples) };
}

function plus(a: Tally, b: Tally): Tally {
  return {
    records: a.records + b.records,
    bytes: a.bytes + b.bytes,
    sampleBytes: a.sampleBytes + b.sampleBytes,
  };
}
