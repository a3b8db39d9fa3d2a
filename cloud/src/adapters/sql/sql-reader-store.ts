import { type ChannelName, naturalOrder } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';

export interface ReaderRecord {
  readonly user: string;
  /** Base64. */
  readonly salt: string;
  /** scrypt of the password, base64. */
  readonly hash: string;
  readonly channels: readonly ChannelName[];
}

/** Integrators that read channels with a user and a password. */
export class SqlReaderStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** Adds a reader, or replaces its password and channels. */
  async save(reader: ReaderRecord, nowMs: number): Promise<void> {
    const values = { salt: reader.salt, hash: reader.hash, channels: JSON.stringify(reader.channels) };
    await this.#db
      .insertInto('readers')
      .values({ user: reader.user, ...values, created_at: nowMs })
      .onConflict((conflict) => conflict.column('user').doUpdateSet(values))
      .execute();
  }

  /** By name. */
  async list(): Promise<Pick<ReaderRecord, 'user' | 'channels'>[]> {
    const rows = await this.#db.selectFrom('readers').select(['user', 'channels']).execute();
    return rows
      .map(({ user, channels }) => ({ user, channels: JSON.parse(channels) as ChannelName[] }))
      .sort((a, b) => naturalOrder(a.user, b.user));
  }

  /** False when there is none of that name. */
  async remove(user: string): Promise<boolean> {
    const { numDeletedRows } = await this.#db
      .deleteFrom('readers')
      .where('user', '=', user)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async find(user: string): Promise<ReaderRecord | undefined> {
    const row = await this.#db.selectFrom('readers').selectAll().where('user', '=', user).executeTakeFirst();
    return (
      row && { user, salt: row.salt, hash: row.hash, channels: JSON.parse(row.channels) as ChannelName[] }
    );
  }
}
