import type { FruitMeasures, FruitRecord, StoredFruit } from '@pomona/wire';
import type { GradeTotal, Rollup } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';

export interface FruitName {
  readonly station: string;
  readonly boot: string;
  readonly seq: number;
}

export interface FruitQuery {
  readonly station?: string;
  readonly limit: number;
  /** Only fruits that arrived before this one. */
  readonly before?: FruitName;
}

/** Reads graded fruits and their counts; `SqlTelemetryStore` writes them. */
export class SqlFruitStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** Newest arrival first. Nothing when `before` is not known. */
  async list({ station, limit, before }: FruitQuery): Promise<StoredFruit[]> {
    let query = this.#db
      .selectFrom('fruits')
      .innerJoin('stations', 'stations.id', 'fruits.station_id')
      .innerJoin('boots', 'boots.id', 'fruits.boot_id')
      .innerJoin('releases', 'releases.id', 'fruits.release_id')
      .selectAll('fruits')
      .select([
        'stations.name',
        'stations.site',
        'stations.line',
        'boots.boot',
        'releases.digest',
        'releases.labels',
      ])
      .orderBy('fruits.id', 'desc')
      .limit(limit);
    if (station !== undefined) {
      const found = await this.#db
        .selectFrom('stations')
        .select('id')
        .where('name', '=', station)
        .executeTakeFirst();
      query = query.where('fruits.station_id', '=', found?.id ?? -1);
    }
    if (before !== undefined) query = query.where('fruits.id', '<', await this.#rowOf(before));
    const rows = await query.execute();
    return rows.map((row) => ({
      seq: row.seq,
      at: instant(row.at),
      lane: row.lane,
      positionMm: row.position_mm,
      grade: row.grade,
      gate: row.gate,
      outcome: row.outcome as FruitRecord['outcome'],
      probabilities: JSON.parse(row.probabilities) as number[],
      views: row.views,
      diameterMm: row.diameter_mm,
      colour: JSON.parse(row.colour) as FruitRecord['colour'],
      latencyMs: row.latency_ms,
      ...(row.measures === null ? {} : { measures: JSON.parse(row.measures) as FruitMeasures }),
      site: row.site,
      line: row.line,
      station: row.name,
      boot: row.boot,
      releaseDigest: row.digest,
      labels: JSON.parse(row.labels) as string[],
      receivedAt: instant(row.received_at),
    }));
  }

  /** Of all time, by station and grade. */
  async totals(): Promise<GradeTotal[]> {
    const rows = await this.#db.selectFrom('fruit_totals').selectAll().execute();
    return rows.map(({ station_id, grade, count }) => ({ stationId: station_id, grade, count }));
  }

  /** By ten seconds, from `sinceMs` on, oldest first. */
  async rollups(sinceMs: number): Promise<Rollup[]> {
    const rows = await this.#db
      .selectFrom('fruit_rollups')
      .selectAll()
      .where('bucket', '>=', sinceMs)
      .orderBy('bucket')
      .execute();
    return rows.map(({ bucket, station_id, grade, count }) => ({
      bucket,
      stationId: station_id,
      grade,
      count,
    }));
  }

  async #rowOf({ station, boot, seq }: FruitName): Promise<number> {
    const row = await this.#db
      .selectFrom('fruits')
      .innerJoin('boots', 'boots.id', 'fruits.boot_id')
      .innerJoin('stations', 'stations.id', 'boots.station_id')
      .select('fruits.id')
      .where('stations.name', '=', station)
      .where('boots.boot', '=', boot)
      .where('fruits.seq', '=', seq)
      .executeTakeFirst();
    return row?.id ?? -1;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
