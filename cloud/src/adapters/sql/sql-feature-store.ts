import { driftEdgesVersion } from '@pomona/grading';
import type { DriftWindow, FruitMeasures, FruitRecord } from '@pomona/wire';
import type { ArrivedWindow, GradedFruit } from '../../domain/feature-rows.ts';
import type { LabelledSample } from '../../domain/fruit-label.ts';
import type { ArrivedRange } from '../../use-cases/read-features.ts';
import type { PomonaDatabase } from './open-database.ts';
import { saidOf } from './record-label.ts';

type Table = 'fruits' | 'drift_windows';

/** What stations sent, in the order of arrival, a bounded part at a time. */
export class SqlFeatureStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async fruits(range: ArrivedRange): Promise<GradedFruit[]> {
    const { first, last } = await this.#ends('fruits', range);
    const rows = await this.#db
      .selectFrom('fruits as records')
      .innerJoin('stations', 'stations.id', 'records.station_id')
      .innerJoin('boots', 'boots.id', 'records.boot_id')
      .innerJoin('releases', 'releases.id', 'records.release_id')
      .selectAll('records')
      .select(['stations.name as station', 'boots.boot'])
      .select(['releases.name', 'releases.version', 'releases.digest', 'releases.labels'])
      .where('records.id', '>', first)
      .where('records.id', '<=', last)
      .where('records.received_at', '>=', range.fromMs)
      .where('records.received_at', '<', range.toMs)
      .$if(range.station !== undefined, (query) => query.where('stations.name', '=', range.station!))
      .$if(range.model !== undefined, (query) => query.where('releases.name', '=', range.model!.name))
      .$if(range.model?.version !== undefined, (query) =>
        query.where('releases.version', '=', range.model!.version!),
      )
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
      ...(row.measures === null ? {} : { measures: JSON.parse(row.measures) as FruitMeasures }),
    }));
  }

  /** Of each fruit that was sampled, by its `id`, what had been said of its samples until an instant. At most as many as a page has. */
  async labels(fruits: readonly number[], untilMs: number): Promise<Map<number, LabelledSample[]>> {
    const byFruit = new Map<number, LabelledSample[]>();
    if (fruits.length === 0) return byFruit;
    const samples = await this.#db
      .selectFrom('fruits')
      .innerJoin('samples', (join) =>
        join.onRef('samples.boot_id', '=', 'fruits.boot_id').onRef('samples.fruit_seq', '=', 'fruits.seq'),
      )
      .select(['fruits.id as fruit', 'samples.id', 'samples.review'])
      .where('fruits.id', 'in', fruits)
      .orderBy('samples.id')
      .execute();
    if (samples.length === 0) return byFruit;
    const ids = samples.map(({ id }) => id);
    const said = await saidOf(this.#db, ids, untilMs);
    for (const { fruit, id, review } of samples) {
      const sample = { said: said.get(id) ?? [], wantsSecond: review === 'wanted' };
      byFruit.set(fruit, [...(byFruit.get(fruit) ?? []), sample]);
    }
    return byFruit;
  }

  /** Those of other bin edges than this program's have no medians here, and are left out. */
  async windows(range: ArrivedRange): Promise<ArrivedWindow[]> {
    const { first, last } = await this.#ends('drift_windows', range);
    const rows = await this.#db
      .selectFrom('drift_windows as records')
      .innerJoin('stations', 'stations.id', 'records.station_id')
      .select(['records.id', 'records.received_at', 'records.body', 'stations.name as station'])
      .where('records.id', '>', first)
      .where('records.id', '<=', last)
      .where('records.received_at', '>=', range.fromMs)
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

  /** The range is what lies behind `first`, up to and with `last`: without that, the last page would read on to the end of the table. A clock that was set back makes rows in between that are of another time. */
  async #ends(table: Table, { fromMs, toMs, after }: ArrivedRange): Promise<{ first: number; last: number }> {
    const newest = this.#db.selectFrom(table).select(['id', 'received_at']).orderBy('id', 'desc').limit(1);
    const end = await newest.executeTakeFirst();
    if (end === undefined) return { first: after, last: after };
    return {
      first: fromMs === 0 ? after : await this.#lastBefore(table, fromMs, after, end.id),
      last: end.received_at < toMs ? end.id : await this.#lastBefore(table, toMs, after, end.id),
    };
  }

  /**
   * The last row, of those behind `after`, that arrived before; `after` when none did. Rows are in the order of arrival, so that halving finds it
   * without an index that every commit of telemetry would have to keep.
   */
  async #lastBefore(table: Table, beforeMs: number, after: number, end: number): Promise<number> {
    let [low, high] = [after, Math.max(after, end)];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.#db
        .selectFrom(table)
        .select(['id', 'received_at'])
        .where('id', '>', middle)
        .orderBy('id')
        .limit(1)
        .executeTakeFirst();
      if (row === undefined || row.received_at >= beforeMs) high = middle;
      else low = row.id;
    }
    return low;
  }
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}
