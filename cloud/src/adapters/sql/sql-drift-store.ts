import type { SeenFruit } from '../../domain/drift.ts';
import type { PomonaDatabase } from './open-database.ts';

export interface PassedFruit extends SeenFruit {
  readonly id: number;
}

/** Fruit in the order of arrival, as the watch for drift reads it. Fruit that no view was taken of is left out. */
export class SqlDriftStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** What graded the station's newest fruit; undefined before the first. */
  async newestRelease(stationId: number): Promise<number | undefined> {
    const newest = this.#db
      .selectFrom('fruits')
      .select('release_id')
      .where('station_id', '=', stationId)
      .orderBy('id', 'desc')
      .limit(1);
    return (await newest.executeTakeFirst())?.release_id;
  }

  async after(stationId: number, releaseId: number, id: number, limit: number): Promise<PassedFruit[]> {
    const rows = await this.#of(stationId, releaseId)
      .select(['grade', 'probabilities', 'colour', 'diameter_mm'])
      .where('id', '>', id)
      .orderBy('id')
      .limit(limit)
      .execute();
    return rows.map((row) => ({
      id: row.id,
      grade: row.grade,
      probabilities: JSON.parse(row.probabilities),
      colour: JSON.parse(row.colour),
      diameterMm: row.diameter_mm,
    }));
  }

  /** The row after which about the last `count` fruits stand; 0 when there are not so many. */
  async startOfLast(stationId: number, releaseId: number, count: number): Promise<number> {
    const row = this.#of(stationId, releaseId).orderBy('id', 'desc').offset(count).limit(1);
    return (await row.executeTakeFirst())?.id ?? 0;
  }

  #of(stationId: number, releaseId: number) {
    return this.#db
      .selectFrom('fruits')
      .select('id')
      .where('station_id', '=', stationId)
      .where('release_id', '=', releaseId)
      .where('views', '>', 0);
  }
}
