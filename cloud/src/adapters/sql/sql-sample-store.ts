import { sql } from '@pomona/kysely';
import type { LabelEntry, Provenance, SampleList, SampleQuery, SampleView } from '@pomona/wire';
import type { TwoOpinions } from '../../domain/label-agreement.ts';
import type { OfGrade, QueueCandidate } from '../../domain/label-queue.ts';
import { type Said, type Standing, standingOf } from '../../domain/label-standing.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { PhotographRow } from './photograph-row.ts';
import { recordLabel, saidOf } from './record-label.ts';
import type { SampleRow } from './tables.ts';

/** Of what waits, so many each of the newest, the most uncertain and the newest at random are weighed for the queue: each is read and parsed after every label. */
const weighedMax = { newest: 600, uncertain: 400, random: 50 } as const;
const opinionsMax = 20_000;
/** SQLite takes 32,766 variables. */
const idsMax = 10_000;

/** Fruit to label: what stations sent, which `insertSamples` writes, and photographs, which `SqlPhotographStore` writes. */
export class SqlSampleStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** `person`: who asks, for what wants their opinion. In the order `queue` as `newest`. */
  async list(query: SampleQuery, person = ''): Promise<SampleView[]> {
    const { state, order = 'newest', limit = 100 } = query;
    let rows = this.#views(query).limit(limit);
    if (state === 'unlabelled' || state === 'quarantined')
      rows = rows
        .where('samples.label', 'is', null)
        .where('photographs.refused', state === 'unlabelled' ? 'is' : 'is not', null);
    if (state === 'labelled') rows = rows.where('samples.label', 'is not', null);
    if (state === 'second')
      rows = rows.where('samples.review', '=', 'wanted').where('samples.labelled_by', '<>', person);
    if (state === 'disputed' || state === 'unresolved') rows = rows.where('samples.review', '=', state);
    if (order === 'uncertain') rows = rows.orderBy('samples.uncertainty', 'desc');
    return (await rows.orderBy('samples.id', 'desc').execute()).map(viewOf);
  }

  async counts(query: SampleQuery): Promise<SampleList['counts']> {
    const { labelled, quarantined, all } = await filtered(this.#db, query)
      .select(({ fn }) => [
        fn.count<number | string>('samples.label').as('labelled'),
        fn
          .count<number | string>('photographs.refused')
          .filterWhere('samples.label', 'is', null)
          .as('quarantined'),
        fn.countAll<number | string>().as('all'),
      ])
      .executeTakeFirstOrThrow();
    const counts = { labelled: Number(labelled), quarantined: Number(quarantined) };
    return { ...counts, unlabelled: Number(all) - counts.labelled - counts.quarantined };
  }

  async reviews(
    query: SampleQuery,
    person: string,
  ): Promise<{ second: number; disputed: number; unresolved: number }> {
    const rows = await filtered(this.#db, query)
      .select(({ fn }) => ['samples.review', fn.countAll<number | string>().as('count')])
      .where((eb) =>
        eb.or([
          eb('samples.review', 'in', ['disputed', 'unresolved']),
          eb.and([eb('samples.review', '=', 'wanted'), eb('samples.labelled_by', '<>', person)]),
        ]),
      )
      .groupBy('samples.review')
      .execute();
    const count = (review: string) => Number(rows.find((row) => row.review === review)?.count ?? 0);
    return { second: count('wanted'), disputed: count('disputed'), unresolved: count('unresolved') };
  }

  /** Fruits that the model graded, whose label is newer than that and may be learnt from. */
  async countLabelledSince(model: string, sinceMs: number): Promise<number> {
    const { count } = await this.#db
      .selectFrom('samples')
      .where('labelled_at', '>', sinceMs)
      .where('release_name', '=', model)
      .where('review', 'not in', ['disputed', 'unresolved'])
      .select(({ fn }) => fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  async find(id: number): Promise<SampleView | undefined> {
    const row = await this.#views({}).where('samples.id', '=', id).executeTakeFirst();
    return row && viewOf(row);
  }

  /** In the order of `ids`; what is gone is left out. */
  async findMany(ids: readonly number[]): Promise<SampleView[]> {
    if (ids.length === 0) return [];
    const rows = await this.#views({}).where('samples.id', 'in', ids).execute();
    const byId = new Map(rows.map((row) => [row.id, viewOf(row)]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }

  /** Adds to the history what `say` makes of where the sample stands, if anything; what was said before stays in it. */
  async say(id: number, say: (standing: Standing) => Said | undefined): Promise<void> {
    await this.#db.transaction().execute((trx) => recordLabel(trx, id, say));
  }

  /** Oldest first. */
  async history(id: number): Promise<LabelEntry[]> {
    const rows = await this.#db
      .selectFrom('sample_labels')
      .select(['at', 'actor', 'label', 'kind', 'source', 'label_before'])
      .where('sample_id', '=', id)
      .orderBy('id')
      .execute();
    return rows.map(({ at, actor, label, kind, source, label_before }) => ({
      ...{ at: instant(at), actor, label, before: label_before },
      kind: kind as LabelEntry['kind'],
      source: source as LabelEntry['source'],
    }));
  }

  /** The newest with a label at that instant, as they stood then. */
  async labelledAt(query: SampleQuery, atMs: number, countMax: number): Promise<SampleView[]> {
    const rows = await this.#views(query)
      .where(({ exists, selectFrom }) =>
        exists(
          selectFrom('sample_labels')
            .select('sample_labels.id')
            .whereRef('sample_labels.sample_id', '=', 'samples.id')
            .where('sample_labels.at', '<=', atMs),
        ),
      )
      .orderBy('samples.id', 'desc')
      .limit(idsMax)
      .execute();
    if (rows.length === 0) return [];
    const ids = rows.map(({ id }) => id);
    const said = await saidOf(this.#db, ids, atMs);
    const then = rows.map((row) => standingView(viewOf(row), standingOf(said.get(row.id) ?? [], false)));
    return then.filter(({ label }) => label !== null).slice(0, countMax);
  }

  /** What may come next in the queue for labelling, of the query's station, model and reason. */
  async queueCandidates(query: SampleQuery): Promise<QueueCandidate[]> {
    const waiting = () =>
      filtered(this.#db, query)
        .where('samples.label', 'is', null)
        .where('photographs.refused', 'is', null)
        .select([
          ...(['samples.id', 'samples.at', 'samples.reason', 'samples.grade', 'samples.labels'] as const),
          ...([
            'samples.probabilities',
            'samples.view_votes',
            'samples.candidate',
            'stations.name',
            'stations.line',
          ] as const),
          'photographs.dataset',
          groupOrNone.as('group_name'),
        ]);
    const { newest, uncertain, random } = weighedMax;
    const rows = [
      ...(await waiting().orderBy('samples.id', 'desc').limit(newest).execute()),
      ...(await waiting().orderBy('samples.uncertainty', 'desc').limit(uncertain).execute()),
      ...(await waiting()
        .where('samples.reason', '=', 'random')
        .orderBy('samples.id', 'desc')
        .limit(random)
        .execute()),
    ];
    const byId = new Map(rows.map((row) => [row.id, row]));
    return [...byId.values()].map((row) => ({
      ...{ id: row.id, line: row.line ?? '', atMs: Number(row.at), grade: row.grade },
      station: row.name ?? groupName(row.dataset!, row.group_name),
      isPhotograph: row.name === null,
      reason: row.reason as QueueCandidate['reason'],
      labels: JSON.parse(row.labels) as string[],
      probabilities: JSON.parse(row.probabilities) as number[],
      viewVotes: votesOf(row.view_votes),
      candidate: candidateOf(row.candidate),
    }));
  }

  /** Labels so far, by station and what the fruit was sorted as; of photographs by their group. */
  async labelledByGrade(): Promise<OfGrade[]> {
    const labelled = () => filtered(this.#db, {}).where('samples.label', 'is not', null);
    const groups = await labelled()
      .where('samples.station_id', '=', 0)
      .select(({ fn }) => [
        'photographs.dataset',
        groupOrNone.as('group_name'),
        fn.countAll<number | string>().as('count'),
      ])
      .groupBy(['photographs.dataset', groupOrNone])
      .execute();
    return [
      ...(await byGrade(labelled())),
      ...groups.map(({ dataset, group_name, count }) => ({
        ...{ station: groupName(dataset!, group_name), grade: '', count: Number(count) },
      })),
    ];
  }

  /** How often the operator at the line said since then that it was something else than it was sorted as. */
  correctedByGrade(sinceMs: number): Promise<OfGrade[]> {
    return byGrade(
      filtered(this.#db, {})
        .where('samples.labelled_at', '>=', sinceMs)
        .where('samples.labelled_by', '=', 'line-operator')
        .whereRef('samples.label', '<>', 'samples.grade'),
    );
  }

  /** The last second opinion of each sample, with the label that it was given beside; of the newest. */
  async opinions(): Promise<TwoOpinions[]> {
    const rows = await this.#db
      .selectFrom('sample_labels')
      .select(['sample_id', 'actor', 'label', 'label_before', 'actor_before'])
      .where('kind', '=', 'second')
      .orderBy('id', 'desc')
      .limit(opinionsMax)
      .execute();
    const seen = new Set<number>();
    return rows.flatMap(({ sample_id, actor, label, label_before, actor_before }) => {
      if (seen.has(sample_id)) return [];
      seen.add(sample_id);
      if (label === null || label_before === null || actor_before === null) return [];
      return [{ first: { by: actor_before, label: label_before }, second: { by: actor, label } }];
    });
  }

  #views(query: SampleQuery) {
    return filtered(this.#db, query)
      .leftJoin('boots', 'boots.id', 'samples.boot_id')
      .leftJoin('fruits', (join) =>
        join.onRef('fruits.boot_id', '=', 'samples.boot_id').onRef('fruits.seq', '=', 'samples.fruit_seq'),
      )
      .selectAll('samples')
      .select(['stations.name', 'stations.site', 'stations.line', 'boots.boot', 'fruits.position_mm'])
      .select(['photographs.dataset', 'photographs.path', 'photographs.group_name', 'photographs.original'])
      .select(['photographs.about', 'photographs.refused']);
  }
}

function filtered(db: PomonaDatabase, { station, model, reason, dataset }: SampleQuery) {
  let rows = db
    .selectFrom('samples')
    .leftJoin('stations', 'stations.id', 'samples.station_id')
    .leftJoin('photographs', 'photographs.sample_id', 'samples.id');
  if (dataset !== undefined) rows = rows.where('photographs.dataset', '=', dataset);
  if (station !== undefined) rows = rows.where('stations.name', '=', station);
  if (model !== undefined) rows = rows.where('samples.release_name', '=', model);
  if (reason !== undefined) rows = rows.where('samples.reason', '=', reason);
  return rows;
}

async function byGrade(rows: ReturnType<typeof filtered>): Promise<OfGrade[]> {
  const counted = await rows
    .where('samples.station_id', '>', 0)
    .select(({ fn }) => [
      'stations.name as station',
      'samples.grade',
      fn.countAll<number | string>().as('count'),
    ])
    .groupBy(['stations.name', 'samples.grade'])
    .execute();
  return counted.map(({ station, grade, count }) => ({ station: station!, grade, count: Number(count) }));
}

/** A photograph of which no group is known is one by itself. */
const groupOrNone = sql<string>`case when photographs.group_name = photographs.path then '' else photographs.group_name end`;

function groupName(dataset: string, group: string): string {
  return group === '' ? dataset : `the group ${group} of ${dataset}`;
}

type ViewRow = Omit<SampleRow, 'id' | 'review'> &
  Pick<PhotographRow, 'about' | 'refused'> & {
    readonly id: number;
    readonly review: string;
    readonly name: string | null;
    readonly site: string | null;
    readonly line: string | null;
    readonly boot: string | null;
    readonly position_mm: number | null;
    readonly dataset: string | null;
    readonly path: string | null;
    readonly group_name: string | null;
    readonly original: string | null;
  };

function viewOf(row: ViewRow): SampleView {
  return {
    id: row.id,
    ...seenOf(row),
    at: instant(row.at),
    receivedAt: instant(row.received_at),
    labels: JSON.parse(row.labels) as string[],
    size: row.size,
    views: row.views,
    reason: row.reason as SampleView['reason'],
    probabilities: JSON.parse(row.probabilities) as number[],
    uncertainty: row.uncertainty,
    pixels: row.pixels,
    label: row.label,
    labelledAt: row.labelled_at === null ? null : instant(row.labelled_at),
    labelledBy: row.labelled_by,
    review: row.review as SampleView['review'],
    second:
      row.second_label === null || row.second_by === null
        ? null
        : { label: row.second_label, by: row.second_by },
    viewVotes: votesOf(row.view_votes),
    candidate: candidateOf(row.candidate),
  };
}

/** Where it was seen: by a station, or on a photograph. */
function seenOf(
  row: ViewRow,
): Pick<SampleView, 'site' | 'line' | 'station' | 'release' | 'fruit' | 'photograph'> {
  const { dataset, path, group_name: group, original, about, refused } = row;
  if (row.boot === null)
    return {
      ...{ site: null, line: null, station: null, release: null, fruit: null },
      photograph: {
        ...{ dataset: dataset!, path: path!, group: group!, original: original!, refused },
        ...(about === null ? {} : { about: JSON.parse(about) as Provenance }),
      },
    };
  return {
    ...{ site: row.site, line: row.line, station: row.name, photograph: null },
    release: { name: row.release_name, version: row.release_version, digest: row.release_digest },
    fruit: {
      boot: row.boot,
      seq: Number(row.fruit_seq),
      lane: row.lane,
      grade: row.grade,
      positionMm: row.position_mm,
    },
  };
}

function standingView(sample: SampleView, { label, second, review }: Standing): SampleView {
  return {
    ...sample,
    label: label?.label ?? null,
    labelledAt: label && instant(label.atMs),
    labelledBy: label?.by ?? null,
    second: second && { label: second.label, by: second.by },
    review,
  };
}

function votesOf(json: string | null): number[] | null {
  return json === null ? null : (JSON.parse(json) as number[]);
}

function candidateOf(json: string | null): SampleView['candidate'] {
  return json === null ? null : (JSON.parse(json) as SampleView['candidate']);
}

/** PostgreSQL gives a bigint as text. */
function instant(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}
