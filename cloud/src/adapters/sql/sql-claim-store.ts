import type { StationRecord } from '../../use-cases/ports.ts';
import type { PomonaDatabase } from './open-database.ts';
import { recordOf } from './sql-station-store.ts';

export interface NewClaim {
  readonly tokenSha256: string;
  readonly stationId: number;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface ClaimRecord {
  readonly station: StationRecord;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | null;
}

export interface Redemption {
  readonly tokenSha256: string;
  readonly certificateSerial: string;
  readonly nowMs: number;
}

/** One-time claims of stations, known by the SHA-256 of their tokens. */
export class SqlClaimStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async add(claim: NewClaim): Promise<void> {
    await this.#db
      .insertInto('claims')
      .values({
        token_sha256: claim.tokenSha256,
        station_id: claim.stationId,
        created_at: claim.createdAtMs,
        expires_at: claim.expiresAtMs,
        used_at: null,
      })
      .execute();
  }

  async find(tokenSha256: string): Promise<ClaimRecord | undefined> {
    const row = await this.#db
      .selectFrom('claims')
      .innerJoin('stations', 'stations.id', 'claims.station_id')
      .selectAll('stations')
      .select(['claims.expires_at', 'claims.used_at'])
      .where('claims.token_sha256', '=', tokenSha256)
      .executeTakeFirst();
    return row && { station: recordOf(row), expiresAtMs: row.expires_at, usedAtMs: row.used_at };
  }

  /** In one transaction: uses the claim up and makes the certificate the station's only one. False if it was not good. */
  async redeem({ tokenSha256, certificateSerial, nowMs }: Redemption): Promise<boolean> {
    return this.#db.transaction().execute(async (trx) => {
      const claim = await trx
        .updateTable('claims')
        .set({ used_at: nowMs })
        .where('token_sha256', '=', tokenSha256)
        .where('used_at', 'is', null)
        .where('expires_at', '>', nowMs)
        .returning('station_id')
        .executeTakeFirst();
      if (!claim) return false;
      await trx
        .updateTable('stations')
        .set({ enrolled_at: nowMs, certificate_serial: certificateSerial, renewed_serial: null })
        .where('id', '=', claim.station_id)
        .execute();
      return true;
    });
  }
}
