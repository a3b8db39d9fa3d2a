/**
 * Deletes records that came in long ago, a batch at a time with a pause after each, so that ingest never waits for more
 * than one. Ids follow the order of arrival, so a walk along them ends at the first batch without an old record; no index
 * over time is needed. What a person said something of is kept, and the windows that drift is measured from.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { baselineWindows } from '../../domain/drift-baseline.ts';
import type { PomonaDatabase } from './open-database.ts';

const batchRows = 500;
const pauseMs = 25;

export interface PruneRange {
  /** Records that were received earlier go. */
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}

export interface Pruned {
  readonly fruits: number;
  readonly health: number;
  readonly windows: number;
  readonly samples: number;
}

/** Returns how many of each were deleted. Stops between two batches when it is told to. */
export async function pruneOld(db: PomonaDatabase, range: PruneRange): Promise<Pruned> {
  return {
    fruits: await pruneTable(db, 'fruits', range, (ids) =>
      db.deleteFrom('fruits').where('id', 'in', ids).executeTakeFirst(),
    ),
    health: await pruneTable(db, 'health_records', range, (ids) =>
      db.deleteFrom('health_records').where('id', 'in', ids).executeTakeFirst(),
    ),
    windows: await pruneTable(
      db,
      'drift_windows',
      range,
      (ids) => db.deleteFrom('drift_windows').where('id', 'in', ids).executeTakeFirst(),
      await baselineIds(db),
    ),
    // Whoever took a label back has seen the fruit too: its history stays.
    samples: await pruneTable(db, 'samples', range, (ids) =>
      db
        .deleteFrom('samples')
        .where('id', 'in', ids)
        .where('label', 'is', null)
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('sample_labels')
                .select('sample_labels.id')
                .whereRef('sample_labels.sample_id', '=', 'samples.id'),
            ),
          ),
        )
        .executeTakeFirst(),
    ),
  };
}

async function pruneTable(
  db: PomonaDatabase,
  table: 'fruits' | 'health_records' | 'drift_windows' | 'samples',
  { beforeMs, signal }: PruneRange,
  remove: (ids: readonly number[]) => Promise<{ readonly numDeletedRows: bigint }>,
  keep: ReadonlySet<number> = new Set(),
): Promise<number> {
  let deleted = 0;
  let last = -1;
  while (!signal.aborted) {
    const rows = await db
      .selectFrom(table)
      .select(['id', 'received_at'])
      .where('id', '>', last)
      .orderBy('id')
      .limit(batchRows)
      .execute();
    const old = rows.filter(({ received_at }) => Number(received_at) < beforeMs).map(({ id }) => id);
    if (old.length === 0) break;
    const ids = old.filter((id) => !keep.has(id));
    if (ids.length > 0) deleted += Number((await remove(ids)).numDeletedRows);
    last = rows.at(-1)!.id;
    await pause(pauseMs);
  }
  return deleted;
}

async function baselineIds(db: PomonaDatabase): Promise<ReadonlySet<number>> {
  const windows = db
    .selectFrom('drift_windows')
    .select('id')
    .select(
      sql<number>`row_number() over (partition by station_id, release_id, fruits, edges order by id)`.as(
        'since_first',
      ),
    );
  const first = await db
    .selectFrom(windows.as('windows'))
    .select('id')
    .where('since_first', '<=', baselineWindows)
    .execute();
  return new Set(first.map(({ id }) => id));
}
