/**
 * Writes what stations send. One commit is one transaction, and every record goes in by its name (station, boot, seq)
 * with "on conflict do nothing": the rows that come back are new, and only those are counted. So a record may come any
 * number of times, in any order, and counts once.
 */
import type { FruitRecord, Grades, Health, StoredFruit } from '@pomona/wire';
import { bucketOf, countedAtMs } from '../../domain/rollup.ts';
import type { Committed, StationRecord, TelemetryBatch } from '../../use-cases/ports.ts';

import { asDatabaseError } from './database-errors.ts';
import { insertDriftWindows } from './insert-drift-windows.ts';
import { insertSamples } from './insert-samples.ts';
import { keepShadows } from './keep-shadows.ts';
import type { PomonaDatabase } from './open-database.ts';
import { SqlRejectionStore } from './sql-rejection-store.ts';
import { SqlRunStore } from './sql-run-store.ts';

/** Larger statements are not faster, and every distinct size is prepared once. */
const rowsPerInsert = 64;
const namesMax = 10_000;

interface PendingFruit {
  readonly bootId: number;
  readonly releaseId: number;
  readonly station: StationRecord;
  readonly message: Grades;
  readonly fruit: FruitRecord;
}

export class SqlTelemetryStore {
  readonly #db: PomonaDatabase;
  readonly #bootIds = new Map<string, number>();
  readonly #releaseIds = new Map<string, number>();

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async commit(batch: TelemetryBatch): Promise<Committed> {
    try {
      return await this.#db.transaction().execute((trx) => this.#write(trx, batch));
    } catch (error) {
      // Names that were learned in a transaction that was rolled back stand in no table.
      this.#bootIds.clear();
      this.#releaseIds.clear();
      throw asDatabaseError(error);
    }
  }

  async #write(trx: PomonaDatabase, batch: TelemetryBatch): Promise<Committed> {
    const fresh = await this.#insertFruits(trx, batch);
    await countFruits(trx, batch, fresh);
    await this.#insertHealth(trx, batch);
    await insertSamples(trx, batch, (stationId, boot) => this.#bootId(trx, stationId, boot));
    await insertDriftWindows(trx, batch, {
      bootIdOf: (stationId, boot) => this.#bootId(trx, stationId, boot),
      releaseIdOf: (message) => this.#releaseId(trx, message),
    });
    await keepShadows(trx, batch);
    await updateStations(trx, batch);
    for (const record of batch.quarantined) {
      await trx
        .insertInto('quarantine')
        .values({
          station_id: record.stationId,
          channel: record.channel,
          boot: record.boot,
          seq: record.seq,
          received_at: batch.receivedAtMs,
          cause: record.cause,
          detail: record.detail,
          body: record.body,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await new SqlRejectionStore(trx).add(batch.rejections, batch.receivedAtMs);
    return {
      // Made only for who looks: at full speed this would be a third of the work.
      newest: (countMax) => fresh.slice(-countMax).map((pending) => storedOf(pending, batch.receivedAtMs)),
    };
  }

  async #insertFruits(trx: PomonaDatabase, batch: TelemetryBatch): Promise<PendingFruit[]> {
    const pending = new Map<string, PendingFruit>();
    for (const { station, message } of batch.grades) {
      const bootId = await this.#bootId(trx, station.id, message.boot);
      const releaseId = await this.#releaseId(trx, message);
      for (const fruit of message.fruits) {
        const name = `${bootId}/${fruit.seq}`;
        if (!pending.has(name)) pending.set(name, { bootId, releaseId, station, message, fruit });
      }
    }
    const all = [...pending.values()];
    const fresh: PendingFruit[] = [];
    for (let from = 0; from < all.length; from += rowsPerInsert) {
      const rows = all.slice(from, from + rowsPerInsert).map((one) => fruitRow(one, batch));
      const inserted = await trx
        .insertInto('fruits')
        .values(rows)
        .onConflict((conflict) => conflict.columns(['boot_id', 'seq']).doNothing())
        .returning(['boot_id', 'seq'])
        .execute();
      for (const row of inserted) fresh.push(pending.get(`${row.boot_id}/${row.seq}`)!);
    }
    return fresh;
  }

  async #insertHealth(trx: PomonaDatabase, batch: TelemetryBatch): Promise<void> {
    const latest = new Map<number, Health>();
    for (const { station, message } of batch.health) {
      const inserted = await trx
        .insertInto('health_records')
        .values({
          station_id: station.id,
          boot_id: await this.#bootId(trx, station.id, message.boot),
          seq: message.seq,
          received_at: batch.receivedAtMs,
          body: JSON.stringify(message),
        })
        .onConflict((conflict) => conflict.columns(['boot_id', 'seq']).doNothing())
        .returning('id')
        .executeTakeFirst();
      const known = latest.get(station.id) ?? station.health;
      const isOlder = known?.boot === message.boot && known.seq > message.seq;
      if (inserted && !isOlder) latest.set(station.id, message);
    }
    for (const [id, health] of latest) {
      await trx
        .updateTable('stations')
        .set({ health: JSON.stringify(health), health_at: batch.receivedAtMs })
        .where('id', '=', id)
        .execute();
    }
  }

  async #bootId(trx: PomonaDatabase, stationId: number, boot: string): Promise<number> {
    return remembered(this.#bootIds, `${stationId}/${boot}`, async () => {
      await trx
        .insertInto('boots')
        .values({ station_id: stationId, boot })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = await trx
        .selectFrom('boots')
        .select('id')
        .where('station_id', '=', stationId)
        .where('boot', '=', boot)
        .executeTakeFirstOrThrow();
      return row.id;
    });
  }

  async #releaseId(
    trx: PomonaDatabase,
    { release, labels }: Pick<Grades, 'release' | 'labels'>,
  ): Promise<number> {
    const values = { ...release, labels: JSON.stringify(labels) };
    return remembered(this.#releaseIds, JSON.stringify(values), async () => {
      const { name, version, digest } = release;
      await trx
        .insertInto('releases')
        .values({ name, version, digest, labels: values.labels })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const row = await trx
        .selectFrom('releases')
        .select('id')
        .where('digest', '=', digest)
        .where('name', '=', name)
        .where('version', '=', version)
        .where('labels', '=', values.labels)
        .executeTakeFirstOrThrow();
      return row.id;
    });
  }
}

async function remembered(
  ids: Map<string, number>,
  name: string,
  find: () => Promise<number>,
): Promise<number> {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const id = await find();
  if (ids.size >= namesMax) ids.clear();
  ids.set(name, id);
  return id;
}

async function countFruits(
  trx: PomonaDatabase,
  batch: TelemetryBatch,
  fresh: readonly PendingFruit[],
): Promise<void> {
  const rollups = new Map<string, { bucket: number; station_id: number; grade: string; count: number }>();
  const totals = new Map<string, { station_id: number; grade: string; count: number }>();
  for (const { station, fruit } of fresh) {
    const clockSynced = (batch.status.get(station.id) ?? station.status)?.clock !== 'unsynced';
    const bucket = bucketOf(countedAtMs(gradedAtMs(fruit, batch), batch.receivedAtMs, clockSynced));
    // A fruit that passed while grading was paused was given no grade: it must not look like a bad harvest.
    const grade = fruit.outcome === 'paused' ? fruit.outcome : fruit.grade;
    const row = { station_id: station.id, grade, count: 0 };
    upsert(rollups, `${bucket}/${station.id}/${grade}`, { ...row, bucket }).count++;
    upsert(totals, `${station.id}/${grade}`, row).count++;
  }
  for (const row of rollups.values()) {
    await trx
      .insertInto('fruit_rollups')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['bucket', 'station_id', 'grade'])
          .doUpdateSet(({ eb, ref }) => ({ count: eb(ref('fruit_rollups.count'), '+', row.count) })),
      )
      .execute();
  }
  for (const row of totals.values()) {
    await trx
      .insertInto('fruit_totals')
      .values(row)
      .onConflict((conflict) =>
        conflict
          .columns(['station_id', 'grade'])
          .doUpdateSet(({ eb, ref }) => ({ count: eb(ref('fruit_totals.count'), '+', row.count) })),
      )
      .execute();
  }
}

function upsert<T>(map: Map<string, T>, key: string, initial: T): T {
  const known = map.get(key);
  if (known) return known;
  map.set(key, initial);
  return initial;
}

async function updateStations(trx: PomonaDatabase, batch: TelemetryBatch): Promise<void> {
  const runs = new SqlRunStore(trx);
  for (const id of batch.heard) {
    const status = batch.status.get(id);
    const reported = batch.reported.get(id);
    await trx
      .updateTable('stations')
      .set({
        last_seen_at: batch.receivedAtMs,
        ...(status ? { status: JSON.stringify(status), status_at: batch.receivedAtMs } : {}),
        ...(reported ? { reported: JSON.stringify(reported) } : {}),
      })
      .where('id', '=', id)
      .execute();
    if (reported) await runs.record(id, reported, batch.receivedAtMs);
  }
}

/** The schema checks an instant's digits and lets the 99th of a month through, which is no time at all. */
function gradedAtMs(fruit: FruitRecord, batch: TelemetryBatch): number {
  const at = Date.parse(fruit.at);
  return Number.isNaN(at) ? batch.receivedAtMs : at;
}

function fruitRow({ bootId, releaseId, station, message, fruit }: PendingFruit, batch: TelemetryBatch) {
  return {
    boot_id: bootId,
    seq: fruit.seq,
    station_id: station.id,
    release_id: releaseId,
    recipe_version: message.recipeVersion,
    at: gradedAtMs(fruit, batch),
    received_at: batch.receivedAtMs,
    lane: fruit.lane,
    position_mm: fruit.positionMm,
    grade: fruit.grade,
    gate: fruit.gate,
    outcome: fruit.outcome,
    probabilities: JSON.stringify(fruit.probabilities),
    views: fruit.views,
    diameter_mm: fruit.diameterMm,
    colour: JSON.stringify(fruit.colour),
    latency_ms: fruit.latencyMs,
    measures: fruit.measures === undefined ? null : JSON.stringify(fruit.measures),
  };
}

function storedOf({ station, message, fruit }: PendingFruit, receivedAtMs: number): StoredFruit {
  return {
    ...fruit,
    site: station.site,
    line: station.line,
    station: station.station,
    boot: message.boot,
    releaseDigest: message.release.digest,
    labels: message.labels,
    receivedAt: new Date(receivedAtMs).toISOString(),
  };
}
