/**
 * Where the outbox is. On a disk that is full, or can only be read, when the agent starts no database can be opened for writing, and the line would not grade:
 * the outbox is then in memory (`/dev/shm`, a file system that outlives the process and not the power), and what the disk holds
 * is left as it is. The next start that finds room carries all of it over.
 */
import { lstatSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { isReadOnly, memoryFolderOf, takeMemoryFolder } from './memory-folder.ts';
import { openCheckedOutboxDatabase, openOutboxDatabase } from './outbox-database.ts';

export interface OutboxPlace {
  readonly file: string;
  readonly isInMemory: boolean;
  readonly limitBytes: number;
  readonly sampleLimitBytes: number;
}

export interface OutboxPlaceOptions {
  readonly dataDir: string;
  readonly limitBytes: number;
  readonly sampleLimitBytes: number;
  /** Names the copy of a damaged file. */
  readonly boot: string;
  readonly onMovedAside: (to: string, reason: string) => void;
  /** Told how many records came from memory. */
  readonly onCarriedOver: (records: number) => void;
  /** Default `/dev/shm`. */
  readonly memoryDir?: string;
}

/** What the log, its index and a state of an update take. */
const roomMinBytes = 4 * 1024 * 1024;
/** So much is free before the disk is trusted again. */
const roomAgainBytes = 32 * 1024 * 1024;
/** A board has little of it. */
const memoryLimitBytes = 16 * 1024 * 1024;
const memorySampleLimitBytes = 4 * 1024 * 1024;

export function openOutboxPlace(options: OutboxPlaceOptions): OutboxPlace {
  const { dataDir, limitBytes, sampleLimitBytes, memoryDir } = options;
  const folder = memoryFolderOf(dataDir, memoryDir);
  const spare = join(folder, 'outbox.sqlite');
  if (freeBytes(dataDir) < roomMinBytes || isReadOnly(dataDir)) {
    takeMemoryFolder(folder);
    return {
      ...{ file: spare, isInMemory: true },
      limitBytes: Math.min(limitBytes, memoryLimitBytes),
      sampleLimitBytes: Math.min(sampleLimitBytes, memorySampleLimitBytes),
    };
  }
  const file = join(dataDir, 'outbox.sqlite');
  if (isThere(folder)) {
    takeMemoryFolder(folder);
    carryOver(spare, file, options);
    rmSync(folder, { recursive: true, force: true });
  }
  return { file, isInMemory: false, limitBytes, sampleLimitBytes };
}

export function hasRoomAgain(dataDir: string): boolean {
  return freeBytes(dataDir) >= roomAgainBytes && !isReadOnly(dataDir);
}

/** In one step: a power cut leaves all of it in memory, where it is lost, or all of it on the disk. What is there already is left as it is. */
function carryOver(
  from: string,
  to: string,
  { boot, onMovedAside, onCarriedOver }: OutboxPlaceOptions,
): void {
  const spare = openCheckedOutboxDatabase(from, `damaged-${boot}`, onMovedAside);
  const records = spare.prepare('SELECT boot, seq, kind, value FROM record ORDER BY row').all();
  spare.close();
  if (records.length === 0) return;
  openCheckedOutboxDatabase(to, `damaged-${boot}`, onMovedAside).close();
  const database = openOutboxDatabase(to);
  try {
    const insert = database.prepare(
      'INSERT OR IGNORE INTO record (boot, seq, kind, value) VALUES (@boot, @seq, @kind, @value)',
    );
    database.transaction(() => records.forEach((record) => void insert.run(record))).immediate();
  } finally {
    database.close();
  }
  onCarriedOver(records.length);
}

function freeBytes(dataDir: string): number {
  const { bavail, bsize } = statfsSync(dataDir);
  return bavail * bsize;
}

function isThere(folder: string): boolean {
  return lstatSync(folder, { throwIfNoEntry: false }) !== undefined;
}
