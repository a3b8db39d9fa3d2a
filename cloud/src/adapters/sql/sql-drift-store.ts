import { driftEdgesVersion } from '@pomona/grading';
import type { DriftWindow } from '@pomona/wire';
import type { ComparableWindows, StoredWindow } from '../../use-cases/watch-drift.ts';
import type { PomonaDatabase } from './open-database.ts';

/** Windows of statistics in the order of arrival. Those of other bin edges than this program's are left out. */
export class SqlDriftStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** Which windows the station's newest can be compared with; undefined before the first. */
  async newest(stationId: number): Promise<ComparableWindows | undefined> {
    const newest = this.#db
      .selectFrom('drift_windows')
      .select(['release_id', 'fruits'])
      .where('station_id', '=', stationId)
      .where('edges', '=', driftEdgesVersion)
      .orderBy('id', 'desc')
      .limit(1);
    const row = await newest.executeTakeFirst();
    return row && { stationId, releaseId: row.release_id, fruits: row.fruits };
  }

  /** The first `limit`, oldest first. */
  async first(which: ComparableWindows, limit: number): Promise<StoredWindow[]> {
    return (await this.#of(which).select(columns).orderBy('id').limit(limit).execute()).map(viewOf);
  }

  /** The last `limit`, oldest first. */
  async last(which: ComparableWindows, limit: number): Promise<StoredWindow[]> {
    const rows = await this.#of(which).select(columns).orderBy('id', 'desc').limit(limit).execute();
    return rows.reverse().map(viewOf);
  }

  async count(which: ComparableWindows): Promise<number> {
    const row = this.#of(which).select(({ fn }) => fn.countAll<number>().as('count'));
    return (await row.executeTakeFirstOrThrow()).count;
  }

  #of({ stationId, releaseId, fruits }: ComparableWindows) {
    return this.#db
      .selectFrom('drift_windows')
      .where('station_id', '=', stationId)
      .where('release_id', '=', releaseId)
      .where('fruits', '=', fruits)
      .where('edges', '=', driftEdgesVersion);
  }
}

const columns = ['id', 'received_at', 'body'] as const;

function viewOf(row: { id: number; received_at: number; body: string }): StoredWindow {
  return { id: row.id, receivedAtMs: row.received_at, window: JSON.parse(row.body) as DriftWindow };
}
