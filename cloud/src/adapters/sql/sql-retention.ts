import { sql } from 'kysely';
import { baselineWindows } from '../../domain/drift-baseline.ts';
import type { PomonaDatabase } from './open-database.ts';

export interface RetentionLimits {
  readonly healthPerStationMax: number;
  /** Statistics of a window; the first of each release at a station, its baseline, are kept as well. */
  readonly driftWindowsPerStationMax: number;
  readonly quarantineMax: number;
  readonly rollupDays: number;
}

export const defaultRetention: RetentionLimits = {
  healthPerStationMax: 20_000,
  driftWindowsPerStationMax: 20_000,
  quarantineMax: 10_000,
  rollupDays: 90,
};

/** Deletes what is beyond the bounds in number; `pruneOld` deletes by age. */
export async function pruneRecords(
  db: PomonaDatabase,
  nowMs: number,
  limits: RetentionLimits = defaultRetention,
): Promise<void> {
  const ranked = db
    .selectFrom('health_records')
    .select('id')
    .select(sql<number>`row_number() over (partition by station_id order by id desc)`.as('place'));
  await db
    .deleteFrom('health_records')
    .where('id', 'in', (eb) =>
      eb.selectFrom(ranked.as('ranked')).select('id').where('place', '>', limits.healthPerStationMax),
    )
    .execute();
  const windows = db
    .selectFrom('drift_windows')
    .select('id')
    .select([
      sql<number>`row_number() over (partition by station_id order by id desc)`.as('place'),
      sql<number>`row_number() over (partition by station_id, release_id, fruits, edges order by id)`.as(
        'since_first',
      ),
    ]);
  await db
    .deleteFrom('drift_windows')
    .where('id', 'in', (eb) =>
      eb
        .selectFrom(windows.as('windows'))
        .select('id')
        .where('place', '>', limits.driftWindowsPerStationMax)
        .where('since_first', '>', baselineWindows),
    )
    .execute();
  await db
    .deleteFrom('quarantine')
    .where('id', 'not in', (eb) =>
      eb.selectFrom('quarantine').select('id').orderBy('id', 'desc').limit(limits.quarantineMax),
    )
    .execute();
  await db
    .deleteFrom('fruit_rollups')
    .where('bucket', '<', nowMs - limits.rollupDays * 86_400_000)
    .execute();
}
