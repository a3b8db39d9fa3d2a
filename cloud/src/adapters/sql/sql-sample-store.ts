import type { LabelEntry, SampleQuery, SampleView } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';
import type { SampleRow } from './tables.ts';

/** Fruit that stations sent for labelling; `insertSamples` writes them. */
export class SqlSampleStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async list(query: SampleQuery): Promise<SampleView[]> {
    const { state, order = 'newest', limit = 100 } = query;
    let rows = this.#views(query).limit(limit);
    if (state === 'unlabelled') rows = rows.where('samples.label', 'is', null);
    if (state === 'labelled') rows = rows.where('samples.label', 'is not', null);
    if (order === 'uncertain') rows = rows.orderBy('samples.uncertainty', 'desc');
    return (await rows.orderBy('samples.id', 'desc').execute()).map(viewOf);
  }

  async counts(query: SampleQuery): Promise<{ labelled: number; unlabelled: number }> {
    const { labelled, all } = await this.#filtered(query)
      .select(({ fn }) => [
        fn.count<number | string>('samples.label').as('labelled'),
        fn.countAll<number | string>().as('all'),
      ])
      .executeTakeFirstOrThrow();
    return { labelled: Number(labelled), unlabelled: Number(all) - Number(labelled) };
  }

  /** Fruits that the model graded, whose label is newer than that. */
  async countLabelledSince(model: string, sinceMs: number): Promise<number> {
    const { count } = await this.#db
      .selectFrom('samples')
      .where('labelled_at', '>', sinceMs)
      .where('release_name', '=', model)
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async find(id: number): Promise<SampleView | undefined> {
    const row = await this.#views({}).where('samples.id', '=', id).executeTakeFirst();
    return row && viewOf(row);
  }

  /** Adds to the history; what was said before stays in it. */
  async label(id: number, label: string | null, actor: string, atMs: number): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await trx.insertInto('sample_labels').values({ sample_id: id, at: atMs, actor, label }).execute();
      await trx
        .updateTable('samples')
        .set(
          label === null
            ? { label, labelled_at: null, labelled_by: null }
            : { label, labelled_at: atMs, labelled_by: actor },
        )
        .where('id', '=', id)
        .execute();
    });
  }

  /** Oldest first. */
  async history(id: number): Promise<LabelEntry[]> {
    const rows = await this.#db
      .selectFrom('sample_labels')
      .select(['at', 'actor', 'label'])
      .where('sample_id', '=', id)
      .orderBy('id')
      .execute();
    return rows.map(({ at, actor, label }) => ({ at: instant(at), actor, label }));
  }

  #filtered({ station, model, reason }: SampleQuery) {
    let rows = this.#db.selectFrom('samples').innerJoin('stations', 'stations.id', 'samples.station_id');
    if (station !== undefined) rows = rows.where('stations.name', '=', station);
    if (model !== undefined) rows = rows.where('samples.release_name', '=', model);
    if (reason !== undefined) rows = rows.where('samples.reason', '=', reason);
    return rows;
  }

  #views(query: SampleQuery) {
    return this.#filtered(query)
      .innerJoin('boots', 'boots.id', 'samples.boot_id')
      .leftJoin('fruits', (join) =>
        join.onRef('fruits.boot_id', '=', 'samples.boot_id').onRef('fruits.seq', '=', 'samples.fruit_seq'),
      )
      .selectAll('samples')
      .select(['stations.name', 'stations.site', 'stations.line', 'boots.boot', 'fruits.position_mm']);
  }
}

type ViewRow = Omit<SampleRow, 'id'> & {
  readonly id: number;
  readonly name: string;
  readonly site: string;
  readonly line: string;
  readonly boot: string;
  readonly position_mm: number | null;
};

function viewOf(row: ViewRow): SampleView {
  return {
    id: row.id,
    site: row.site,
    line: row.line,
    station: row.name,
    at: instant(row.at),
    receivedAt: instant(row.received_at),
    release: { name: row.release_name, version: row.release_version, digest: row.release_digest },
    labels: JSON.parse(row.labels) as string[],
    size: row.size,
    views: row.views,
    reason: row.reason as SampleView['reason'],
    fruit: {
      boot: row.boot,
      seq: Number(row.fruit_seq),
      lane: row.lane,
      grade: row.grade,
      positionMm: row.position_mm,
    },
    probabilities: JSON.parse(row.probabilities) as number[],
    uncertainty: row.uncertainty,
    pixels: row.pixels,
    label: row.label,
    labelledAt: row.labelled_at === null ? null : instant(row.labelled_at),
    labelledBy: row.labelled_by,
  };
}

/** PostgreSQL gives a bigint as text. */
function instant(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}
