import { setImmediate as turn } from 'node:timers/promises';
import { baselineIds } from './baseline-ids.ts';
import { deleteIds, deleteInBatches } from './delete-in-batches.ts';
import type { PomonaDatabase } from './open-database.ts';

export interface RetentionLimits {
  readonly healthPerStationMax: number;
  /** Statistics of a window; the first of each release at a station, its baseline, are kept as well. */
  readonly driftWindowsPerStationMax: number;
  readonly quarantineMax: number;
  readonly rollupDays: number;
  /** Of a sample that its station began to send and never went on with. */
  readonly samplePartDays: number;
}

export const defaultRetention: RetentionLimits = {
  healthPerStationMax: 20_000,
  driftWindowsPerStationMax: 20_000,
  quarantineMax: 10_000,
  rollupDays: 90,
  samplePartDays: 90,
};

export interface RetentionRange {
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/**
 * Deletes what is beyond the bounds in number; `pruneOld` deletes by age. Station by station and in batches: a database that
 * was away from its program for long has millions of rows too many, and telemetry comes in meanwhile.
 */
export async function pruneRecords(
  db: PomonaDatabase,
  { nowMs, signal }: RetentionRange,
  limits: RetentionLimits = defaultRetention,
): Promise<void> {
  const stations = await db.selectFrom('stations').select('id').orderBy('id').execute();
  for (const { id } of stations) {
    if (signal.aborted) return;
    await pruneStation(db, id, 'health_records', limits.healthPerStationMax, signal);
    await pruneStation(db, id, 'drift_windows', limits.driftWindowsPerStationMax, signal);
    await turn();
  }
  await pruneQuarantine(db, limits.quarantineMax, signal);
  await pruneRollups(db, nowMs - limits.rollupDays * 86_400_000, signal);
  await db
    .deleteFrom('sample_parts')
    .where('received_at', '<', nowMs - limits.samplePartDays * 86_400_000)
    .execute();
}

async function pruneStation(
  db: PomonaDatabase,
  stationId: number,
  table: 'health_records' | 'drift_windows',
  keptMax: number,
  signal: AbortSignal,
): Promise<void> {
  const ofStation = () => db.selectFrom(table).select('id').where('station_id', '=', stationId);
  const newest = await ofStation().orderBy('id', 'desc').offset(keptMax).limit(1).executeTakeFirst();
  if (newest === undefined) return;
  const keep = table === 'drift_windows' ? await baselineIds(db, stationId) : new Set<number>();
  await deleteInBatches({
    signal,
    async next(afterId, limit) {
      const rows = ofStation().where('id', '>', afterId).where('id', '<=', newest.id);
      return (await rows.orderBy('id').limit(limit).execute()).map(({ id }) => id);
    },
    remove: (ids) =>
      deleteIds(
        db,
        table,
        ids.filter((id) => !keep.has(id)),
      ),
  });
}

async function pruneQuarantine(db: PomonaDatabase, keptMax: number, signal: AbortSignal): Promise<void> {
  const rows = () => db.selectFrom('quarantine').select('id');
  const newest = await rows().orderBy('id', 'desc').offset(keptMax).limit(1).executeTakeFirst();
  if (newest === undefined) return;
  await deleteInBatches({
    signal,
    async next(afterId, limit) {
      const beyond = rows().where('id', '>', afterId).where('id', '<=', newest.id);
      return (await beyond.orderBy('id').limit(limit).execute()).map(({ id }) => id);
    },
    remove: (ids) => deleteIds(db, 'quarantine', ids),
  });
}

/** A bucket is a batch: it has one row per station and grade. */
async function pruneRollups(db: PomonaDatabase, beforeMs: number, signal: AbortSignal): Promise<void> {
  await deleteInBatches({
    signal,
    async next(afterMs) {
      const oldest = await db
        .selectFrom('fruit_rollups')
        .select(({ fn }) => fn.min('bucket').as('bucket'))
        .where('bucket', '>', afterMs)
        .where('bucket', '<', beforeMs)
        .executeTakeFirst();
      return typeof oldest?.bucket === 'number' ? [oldest.bucket] : [];
    },
    async remove(buckets) {
      const { numDeletedRows } = await db
        .deleteFrom('fruit_rollups')
        .where('bucket', 'in', buckets)
        .executeTakeFirst();
      return Number(numDeletedRows);
    },
  });
}
