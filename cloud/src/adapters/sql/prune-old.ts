/**
 * Deletes records that came in long ago. Ids follow the order of arrival, so a walk along them ends at the first batch without an
 * old record; no index over time is needed. What a person said something of is kept, and the windows that drift is measured from.
 */
import { baselineIds } from './baseline-ids.ts';
import { deleteIds, deleteInBatches } from './delete-in-batches.ts';
import type { PomonaDatabase } from './open-database.ts';
import { SqlRemovalStore } from './sql-removal-store.ts';

export interface PruneRange {
  /** Records that were received earlier go. */
  readonly beforeMs: number;
  readonly signal: AbortSignal;
  /** Where the views of samples are. */
  readonly blobs: { remove(digest: string): Promise<void> };
}

export interface Pruned {
  readonly fruits: number;
  readonly health: number;
  readonly windows: number;
  readonly samples: number;
}

type Table = 'fruits' | 'health_records' | 'drift_windows' | 'samples';

/** Returns how many of each were deleted. Stops between two batches when it is told to. */
export async function pruneOld(db: PomonaDatabase, range: PruneRange): Promise<Pruned> {
  const baselines = await baselineIds(db);
  return {
    fruits: await pruneTable(db, 'fruits', range, (ids) => deleteIds(db, 'fruits', ids)),
    health: await pruneTable(db, 'health_records', range, (ids) => deleteIds(db, 'health_records', ids)),
    windows: await pruneTable(db, 'drift_windows', range, (ids) =>
      deleteIds(
        db,
        'drift_windows',
        ids.filter((id) => !baselines.has(id)),
      ),
    ),
    samples: await pruneTable(db, 'samples', range, (ids) => deleteSamples(db, range, ids)),
  };
}

function pruneTable(
  db: PomonaDatabase,
  table: Table,
  { beforeMs, signal }: PruneRange,
  remove: (ids: readonly number[]) => Promise<number>,
): Promise<number> {
  return deleteInBatches({
    signal,
    async next(afterId, limit) {
      const rows = db.selectFrom(table).select(['id', 'received_at']).where('id', '>', afterId);
      const batch = await rows.orderBy('id').limit(limit).execute();
      return batch.filter(({ received_at }) => Number(received_at) < beforeMs).map(({ id }) => id);
    },
    remove,
  });
}

/**
 * Whoever took a label back has seen the fruit too: its history stays. The rows go before their pictures, and which pictures is recorded before
 * that: should the power fail in between, no row names a file which is not there, and the next start removes the rest (`finish-removals.ts`).
 */
async function deleteSamples(
  db: PomonaDatabase,
  { blobs }: PruneRange,
  ids: readonly number[],
): Promise<number> {
  const removals = new SqlRemovalStore(db);
  const pictures = await db.selectFrom('samples').select('pixels').where('id', 'in', ids).execute();
  const recorded = pictures.map(({ pixels }) => pixels);
  await removals.record(recorded);
  const deleted = await db
    .deleteFrom('samples')
    .where('id', 'in', ids)
    // Photographs that somebody brought wait until they are labelled.
    .where('station_id', '>', 0)
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
    .returning('pixels')
    .execute();
  const gone = new Set(deleted.map(({ pixels }) => pixels));
  // The same pixels are the same file.
  for (const digest of await removals.shown()) gone.delete(digest);
  for (const digest of gone) await blobs.remove(digest);
  await removals.forget(recorded);
  return deleted.length;
}
