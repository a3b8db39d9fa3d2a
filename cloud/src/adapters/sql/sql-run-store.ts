import { placeOrder, type ReleaseRef, type Reported, type StationRun } from '@pomona/wire';
import { runBeganAtMs } from '../../domain/run-began.ts';
import type { PomonaDatabase } from './open-database.ts';

export interface RunQuery {
  readonly atMs: number;
  readonly site?: string;
  readonly line?: string;
  readonly station?: string;
}

/** Which release ran where and when, as stations reported it. */
export class SqlRunStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** Adds a row when the station runs something else than it last said. */
  async record(stationId: number, { running }: Reported, receivedAtMs: number): Promise<void> {
    const last = await this.#db
      .selectFrom('station_runs')
      .selectAll()
      .where('station_id', '=', stationId)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    const release = running && JSON.stringify(running.release);
    const variant = running?.variant ?? null;
    if (last ? last.release === release && last.variant === variant : running === null) return;
    const at = runBeganAtMs(running?.since, receivedAtMs, last && Number(last.at));
    await this.#db
      .insertInto('station_runs')
      .values({ station_id: stationId, at, received_at: receivedAtMs, release, variant })
      .execute();
  }

  /** Each release that a station ever ran, once; of a station the last one first. */
  async everRan(): Promise<{ stationId: number; release: ReleaseRef }[]> {
    const rows = await this.#db
      .selectFrom('station_runs')
      .select(({ fn }) => ['station_id', 'release', fn.max('id').as('last')])
      .where('release', 'is not', null)
      .groupBy(['station_id', 'release'])
      .orderBy('last', 'desc')
      .execute();
    return rows.flatMap(({ station_id, release }) =>
      release === null ? [] : { stationId: station_id, release: JSON.parse(release) as ReleaseRef },
    );
  }

  /** Where and when one of these releases ran, oldest first. */
  async ofReleases(digests: readonly string[]): Promise<StationRun[]> {
    const known = await this.#db.selectFrom('station_runs').select('release').distinct().execute();
    const wanted = known.flatMap(({ release }) =>
      release !== null && digests.includes((JSON.parse(release) as ReleaseRef).digest) ? [release] : [],
    );
    if (wanted.length === 0) return [];
    const rows = await this.#runs()
      .where('run.release', 'in', wanted)
      .orderBy('run.at')
      .orderBy('run.id')
      .execute();
    return rows.map(runOf);
  }

  /** What ran at the instant at each station that fits; a station that had said nothing by then is not there. */
  async at({ atMs, ...place }: RunQuery): Promise<StationRun[]> {
    let query = this.#runs().where(({ eb, selectFrom }) =>
      eb(
        'run.id',
        '=',
        selectFrom('station_runs as newest')
          .select(({ fn }) => fn.max('newest.id').as('id'))
          .whereRef('newest.station_id', '=', 'run.station_id')
          .where('newest.at', '<=', atMs),
      ),
    );
    if (place.site !== undefined) query = query.where('stations.site', '=', place.site);
    if (place.line !== undefined) query = query.where('stations.line', '=', place.line);
    if (place.station !== undefined) query = query.where('stations.name', '=', place.station);
    const rows = await query.execute();
    return rows.map(runOf).sort(placeOrder);
  }

  /** Each with the instant of the one after it at its station. */
  #runs() {
    return this.#db
      .selectFrom('station_runs as run')
      .innerJoin('stations', 'stations.id', 'run.station_id')
      .select(['stations.site', 'stations.line', 'stations.name', 'run.at', 'run.received_at'])
      .select(['run.release', 'run.variant'])
      .select(({ selectFrom }) =>
        selectFrom('station_runs as later')
          .select(({ fn }) => fn.min('later.at').as('until'))
          .whereRef('later.station_id', '=', 'run.station_id')
          .whereRef('later.id', '>', 'run.id')
          .as('until'),
      );
  }
}

interface RunRow {
  readonly site: string;
  readonly line: string;
  readonly name: string;
  readonly at: number;
  readonly received_at: number;
  readonly release: string | null;
  readonly variant: string | null;
  readonly until: number | null;
}

function runOf(row: RunRow): StationRun {
  return {
    site: row.site,
    line: row.line,
    station: row.name,
    release: row.release === null ? null : (JSON.parse(row.release) as ReleaseRef),
    variant: row.variant,
    from: instant(row.at),
    until: row.until === null ? null : instant(row.until),
    reportedAt: instant(row.received_at),
  };
}

function instant(ms: number): string {
  return new Date(Number(ms)).toISOString();
}
