import type { Selectable } from '@pomona/kysely';
import { AppError, placeOrder, type StationAddress } from '@pomona/wire';
import type { StationRecord } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { StationRow } from './tables.ts';

export class SqlStationStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async find(station: string): Promise<StationRecord | undefined> {
    const [record] = await this.findMany([station]);
    return record;
  }

  async findMany(stations: readonly string[]): Promise<StationRecord[]> {
    if (stations.length === 0) return [];
    const rows = await this.#db.selectFrom('stations').selectAll().where('name', 'in', stations).execute();
    return rows.map(recordOf);
  }

  /** In the order of their places. */
  async list(): Promise<StationRecord[]> {
    const rows = await this.#db.selectFrom('stations').selectAll().execute();
    return rows.map(recordOf).sort(placeOrder);
  }

  /** The station, made if it is new. Error: `station-elsewhere` when that id stands at another site or line. */
  async ensure(address: StationAddress, nowMs: number): Promise<StationRecord> {
    await this.#db
      .insertInto('stations')
      .values({ name: address.station, site: address.site, line: address.line, created_at: nowMs })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const record = (await this.find(address.station))!;
    if (record.site !== address.site || record.line !== address.line) {
      throw new AppError(
        'station-elsewhere',
        `the station ${address.station} stands at ${record.site}/${record.line}, not ${address.site}/${address.line}`,
        { hint: 'Choose another id: a station is a place and keeps its history.' },
      );
    }
    return record;
  }

  /** Beside `serial`, which is in use. False when it is not any more. */
  async offerCertificate(station: string, serial: string, renewedSerial: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('stations')
      .set({ renewed_serial: renewedSerial })
      .where('name', '=', station)
      .where('certificate_serial', '=', serial)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** It is in use from now on, in the place of the one before; nothing when it is not the one that was offered last. */
  async adoptCertificate(station: string, renewedSerial: string): Promise<void> {
    await this.#db
      .updateTable('stations')
      .set({ certificate_serial: renewedSerial, renewed_serial: null })
      .where('name', '=', station)
      .where('renewed_serial', '=', renewedSerial)
      .execute();
  }

  /**
   * For the start of a control plane with an embedded broker: the wills of stations that went away while it was down
   * died with it, and those that are still there say so again when they reconnect.
   */
  async markAllOffline(): Promise<void> {
    const rows = await this.#db
      .selectFrom('stations')
      .select(['id', 'status'])
      .where('status', 'is not', null)
      .execute();
    for (const { id, status } of rows) {
      const offline = JSON.stringify({ ...JSON.parse(status!), state: 'offline' });
      await this.#db.updateTable('stations').set({ status: offline }).where('id', '=', id).execute();
    }
  }
}

export function recordOf(row: Selectable<StationRow>): StationRecord {
  return {
    id: row.id,
    site: row.site,
    line: row.line,
    station: row.name,
    enrolledAtMs: row.enrolled_at,
    certificateSerial: row.certificate_serial,
    renewedSerial: row.renewed_serial,
    lastSeenAtMs: row.last_seen_at,
    status: parsed(row.status),
    reported: parsed(row.reported),
    health: parsed(row.health),
    statusAtMs: row.status_at,
    healthAtMs: row.health_at,
  };
}

/** Checked before it was stored. */
function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
