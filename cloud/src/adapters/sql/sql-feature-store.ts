import { driftEdgesVersion } from '@pomona/grading';
import type { DriftWindow, FruitRecord } from '@pomona/wire';
import type { ArrivedWindow, GradedFruit } from '../../domain/feature-rows.ts';
import type { ArrivedRange } from '../../use-cases/read-features.ts';
import type { PomonaDatabase } from './open-database.ts';

/** What stations sent, in the order of arrival, a bounded part at a time. */
export class SqlFeatureStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async fruits(range: ArrivedRange): Promise<GradedFruit[]> {
    const rows = await this.#db
      .selectFrom('fruits as records')
      .innerJoin('stations', 'stations.id', 'records.station_id')
      .innerJoin('boots', 'boots.id', 'records.boot_id')
      .innerJoin('releases', 'releases.id', 'records.release_id')
      .selectAll('records')
      .select(['stations.name as station', 'boots.boot'])
      .select(['releases.name', 'releases.version', 'releases.digest', 'releases.labels'])
      .where('records.id', '>', await this.#lastBefore('fruits', range))
      .where('records.received_at', '<', range.toMs)
      .$if(range.station !== undefined, (query) => query.where('stations.name', '=', range.station!))
      .orderBy('records.id')
      .limit(range.limit)
      .execute();
    return rows.map((row) => ({
      ...{ id: row.id, station: row.station, boot: row.boot, seq: row.seq },
      ...{ at: instant(row.at), receivedAt: instant(row.received_at), lane: row.lane },
      release: { name: row.name, version: row.version, digest: row.digest },
      labels: JSON.parse(row.labels) as string[],
      ...{ recipeVersion: row.recipe_version, positionMm: row.position_mm, gate: row.gate },
      ...{ grade: row.grade, outcome: row.outcome as FruitRecord['outcome'], views: row.views },
      probabilities: JSON.parse(row.probabilities) as number[],
      colour: JSON.parse(row.colour) as FruitRecord['colour'],
      ...{ diameterMm: row.diameter_mm, latencyMs: row.latency_ms },
    }));
  }

  /** Those of other bin edges than this program's have no medians here, and are left out. */
  async windows(range: ArrivedRange): Promise<ArrivedWindow[]> {
    const rows = await this.#db
      .selectFrom('drift_windows as records')
      .innerJoin('stations', 'stations.id', 'records.station_id')
      .select(['records.id', 'records.received_at', 'records.body', 'stations.name as station'])
      .where('records.id', '>', await this.#lastBefore('drift_windows', range))
      .where('records.received_at', '<', range.toMs)
      .where('records.edges', '=', driftEdgesVersion)
      .$if(range.station !== undefined, (query) => query.where('stations.name', '=', range.station!))
      .orderBy('records.id')
      .limit(range.limit)
      .execute();
    return rows.map((row) => ({
      ...{ id: row.id, station: row.station, receivedAt: instant(row.received_at) },
      window: JSON.parse(row.body) as DriftWindow,
    }));
  }

  /**
   * The row after which the range begins. Rows are in the order of arrival, so that halving finds the first of a time
   * without an index that every commit of telemetry would have to keep.
   */
  async #lastBefore(table: 'fruits' | 'drift_windows', { fromMs, after }: ArrivedRange): Promise<number> {
    if (fromMs === 0) return after;
    const { high: end } = await this.#db
      .selectFrom(table)
      .select(({ fn }) => fn.max('id').as('high'))
      .executeTakeFirstOrThrow();
    let [low, high] = [after, Math.max(after, end ?? 0)];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.#db
        .selectFrom(table)
        .select(['id', 'received_at'])
        .where('id', '>', middle)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined || row.received_at >= fromMs) high = middle;
      else low = row.id;
    }
    return low;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
