import { sql } from '@pomona/kysely';
import { baselineWindows } from '../../domain/drift-baseline.ts';
import type { PomonaDatabase } from './open-database.ts';

/** The windows that drift is measured from, the first of each release at a station, which are never deleted; of one station where that is given. */
export async function baselineIds(db: PomonaDatabase, stationId?: number): Promise<ReadonlySet<number>> {
  const windows = db
    .selectFrom('drift_windows')
    .select('id')
    .select(
      sql<number>`row_number() over (partition by station_id, edges, release_id, fruits order by id)`.as(
        'since_first',
      ),
    )
    .$if(stationId !== undefined, (query) => query.where('station_id', '=', stationId!));
  const first = await db
    .selectFrom(windows.as('windows'))
    .select('id')
    .where('since_first', '<=', baselineWindows)
    .execute();
  return new Set(first.map(({ id }) => id));
}
