import { setTimeout as pause } from 'node:timers/promises';
import type { PomonaDatabase } from './open-database.ts';

const batchRows = 500;
const pauseMs = 25;

export interface Batches {
  /** The next rows behind that id, in the order of their ids; none when all are through. */
  next(afterId: number, limit: number): Promise<readonly number[]>;
  /** Returns how many it deleted; it may keep some. */
  remove(ids: readonly number[]): Promise<number>;
  readonly signal: AbortSignal;
}

/**
 * Walks along the ids and deletes, a batch at a time with a pause after each, so that ingest never waits for more than one. Returns how many
 * were deleted. Stops between two batches when it is told to.
 */
export async function deleteInBatches({ next, remove, signal }: Batches): Promise<number> {
  let deleted = 0;
  let last = -1;
  while (!signal.aborted) {
    const ids = await next(last, batchRows);
    if (ids.length === 0) break;
    deleted += await remove(ids);
    last = ids.at(-1)!;
    await pause(pauseMs);
  }
  return deleted;
}

/** A `remove` for tables whose rows nothing else goes with. */
export async function deleteIds(
  db: PomonaDatabase,
  table: 'fruits' | 'health_records' | 'drift_windows' | 'quarantine',
  ids: readonly number[],
): Promise<number> {
  if (ids.length === 0) return 0;
  return Number((await db.deleteFrom(table).where('id', 'in', ids).executeTakeFirst()).numDeletedRows);
}
