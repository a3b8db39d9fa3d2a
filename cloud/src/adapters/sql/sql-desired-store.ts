import type { Desired, DesiredChange, Recipe, SignedEnvelope } from '@pomona/wire';
import type { StationOrder } from '../../use-cases/pass-gates.ts';
import type { ChangedBy, StationRecord, StoredDesired } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';
import { addToModelLog } from './sql-model-registry.ts';
import { recordOf } from './sql-station-store.ts';

export interface SignedDesired {
  readonly desired: Desired;
  readonly envelope: SignedEnvelope;
  /** The recipe that somebody chose for the station, also while its release brings another; null where nobody did. */
  readonly ownRecipe: Recipe | null;
}

const changedHere: ChangedBy = { actor: 'local', reason: '' };

/** What each station should run, as it was signed. The counter of a station only grows. */
export class SqlDesiredStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async find(stationId: number): Promise<SignedDesired | undefined> {
    const row = await this.#db
      .selectFrom('desired')
      .selectAll()
      .where('station_id', '=', stationId)
      .executeTakeFirst();
    return row && signedOf(row);
  }

  async list(): Promise<StoredDesired[]> {
    const rows = await this.#db
      .selectFrom('desired')
      .innerJoin('stations', 'stations.id', 'desired.station_id')
      .selectAll('stations')
      .select(['desired.body', 'desired.envelope', 'desired.own_recipe'])
      .execute();
    return rows.map((row) => ({ station: recordOf(row), ...signedOf(row) }));
  }

  /** What the station was told to run, newest first, at most 500; each holds until the one above it. */
  async history(stationId: number): Promise<DesiredChange[]> {
    const rows = await this.#db
      .selectFrom('desired_log')
      .selectAll()
      .where('station_id', '=', stationId)
      .orderBy('id', 'desc')
      .limit(historyMax)
      .execute();
    return rows.map(({ at, counter, release, actor, reason }) => ({
      at: new Date(Number(at)).toISOString(),
      counter,
      release: release === null ? null : (JSON.parse(release) as DesiredChange['release']),
      actor,
      reason,
    }));
  }

  /** Each release that the stations were ever told to run, once for each of them. */
  async ordersOf(stations: readonly string[]): Promise<StationOrder[]> {
    const rows = await this.#db
      .selectFrom('desired_log')
      .innerJoin('stations', 'stations.id', 'desired_log.station_id')
      .select(['stations.name as station', 'desired_log.release'])
      .select(({ fn }) => [fn.min('desired_log.id').as('first'), fn.max('desired_log.id').as('last')])
      .where('stations.name', 'in', [...stations])
      .where('desired_log.release', 'is not', null)
      .groupBy(['stations.name', 'desired_log.release'])
      .execute();
    return rows.map(({ station, release, first, last }) => ({
      ...{ station, first, last },
      release: JSON.parse(release!) as StationOrder['release'],
    }));
  }

  /** `sign` gets the station's last state and its next counter, inside the transaction that stores the result. */
  async advance(
    station: StationRecord,
    nowMs: number,
    sign: (counter: number, last: Omit<SignedDesired, 'envelope'> | undefined) => SignedDesired,
    { actor, reason, modelLog }: ChangedBy = changedHere,
  ): Promise<SignedDesired> {
    return this.#db.transaction().execute(async (trx) => {
      const last = await new SqlDesiredStore(trx).find(station.id);
      const counter = (last?.desired.counter ?? 0) + 1;
      const next = sign(counter, last);
      const values = {
        counter,
        at: nowMs,
        body: JSON.stringify(next.desired),
        envelope: JSON.stringify(next.envelope),
        own_recipe: next.ownRecipe && JSON.stringify(next.ownRecipe),
      };
      await trx
        .insertInto('desired')
        .values({ station_id: station.id, ...values })
        .onConflict((conflict) => conflict.column('station_id').doUpdateSet(values))
        .execute();
      const { release } = next.desired;
      await trx
        .insertInto('desired_log')
        .values({
          station_id: station.id,
          at: nowMs,
          counter,
          release: release && JSON.stringify(release),
          actor,
          reason,
        })
        .execute();
      if (modelLog) await addToModelLog(trx, modelLog);
      return next;
    });
  }
}

const historyMax = 500;

function signedOf(row: {
  readonly body: string;
  readonly envelope: string;
  readonly own_recipe: string | null;
}): SignedDesired {
  return {
    ownRecipe: row.own_recipe === null ? null : (JSON.parse(row.own_recipe) as Recipe),
    desired: JSON.parse(row.body) as Desired,
    envelope: JSON.parse(row.envelope) as SignedEnvelope,
  };
}
