import { naturalOrder, type Role } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';
import type { AccessLinkRow, ApiTokenRow, SessionRow, UserRow } from './tables.ts';

/** Users, their sessions, API tokens and one-time links. */
export class SqlAccessStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async users(): Promise<UserRow[]> {
    const rows = await this.#db.selectFrom('users').selectAll().execute();
    return rows.sort((a, b) => naturalOrder(a.name, b.name));
  }

  user(name: string): Promise<UserRow | undefined> {
    return this.#db.selectFrom('users').selectAll().where('name', '=', name).executeTakeFirst();
  }

  async hasAdmin(): Promise<boolean> {
    const query = this.#db.selectFrom('users').select('name').where('role', '=', 'admin');
    return (await query.executeTakeFirst()) !== undefined;
  }

  /** False when there is one of this name. */
  async addUser(user: UserRow): Promise<boolean> {
    const query = this.#db
      .insertInto('users')
      .values(user)
      .onConflict((c) => c.doNothing());
    return (await query.executeTakeFirst()).numInsertedOrUpdatedRows === 1n;
  }

  /** Ends the user's sessions too: whoever had the old password is out. */
  async setPassword(name: string, password: Pick<UserRow, 'salt' | 'hash'>): Promise<boolean> {
    return this.#db.transaction().execute(async (trx) => {
      await trx.deleteFrom('sessions').where('user_name', '=', name).execute();
      const result = await trx.updateTable('users').set(password).where('name', '=', name).executeTakeFirst();
      return result.numUpdatedRows === 1n;
    });
  }

  /** Never takes the last admin away. */
  async removeUser(name: string): Promise<'removed' | 'unknown' | 'last-admin'> {
    return this.#db.transaction().execute(async (trx) => {
      const users = await trx.selectFrom('users').select(['name', 'role']).execute();
      const user = users.find((each) => each.name === name);
      if (user === undefined) return 'unknown';
      const admins = users.filter((each) => each.role === 'admin');
      if (user.role === 'admin' && admins.length === 1) return 'last-admin';
      await trx.deleteFrom('sessions').where('user_name', '=', name).execute();
      await trx.deleteFrom('users').where('name', '=', name).execute();
      return 'removed';
    });
  }

  /** Those that expired go. */
  async addSession(session: SessionRow, nowMs: number): Promise<void> {
    await this.#db.deleteFrom('sessions').where('expires_at', '<=', nowMs).execute();
    await this.#db.insertInto('sessions').values(session).execute();
  }

  /** With the user's role of now, if it is a user's. */
  async session(tokenSha256: string): Promise<(SessionRow & { userRole: Role | null }) | undefined> {
    return this.#db
      .selectFrom('sessions')
      .leftJoin('users', 'users.name', 'sessions.user_name')
      .selectAll('sessions')
      .select('users.role as userRole')
      .where('token_sha256', '=', tokenSha256)
      .executeTakeFirst();
  }

  async touchSession(tokenSha256: string, nowMs: number): Promise<void> {
    const update = this.#db.updateTable('sessions').set({ seen_at: nowMs });
    await update.where('token_sha256', '=', tokenSha256).execute();
  }

  async endSession(tokenSha256: string): Promise<void> {
    await this.#db.deleteFrom('sessions').where('token_sha256', '=', tokenSha256).execute();
  }

  tokens(): Promise<ApiTokenRow[]> {
    return this.#db.selectFrom('api_tokens').selectAll().orderBy('created_at').execute();
  }

  token(tokenSha256: string): Promise<ApiTokenRow | undefined> {
    const query = this.#db.selectFrom('api_tokens').selectAll();
    return query.where('token_sha256', '=', tokenSha256).executeTakeFirst();
  }

  async addToken(token: ApiTokenRow): Promise<void> {
    await this.#db.insertInto('api_tokens').values(token).execute();
  }

  async removeToken(id: string): Promise<boolean> {
    const result = await this.#db.deleteFrom('api_tokens').where('id', '=', id).executeTakeFirst();
    return result.numDeletedRows === 1n;
  }

  /** Links for the same purpose that nobody used stay good until they expire. */
  async addLink(link: AccessLinkRow, nowMs: number): Promise<void> {
    await this.#db.deleteFrom('access_links').where('expires_at', '<=', nowMs).execute();
    await this.#db.insertInto('access_links').values(link).execute();
  }

  /** Good once: of two that come at once one gets it. */
  async takeLink(
    tokenSha256: string,
    purpose: AccessLinkRow['purpose'],
    nowMs: number,
  ): Promise<AccessLinkRow | undefined> {
    return this.#db
      .deleteFrom('access_links')
      .where('token_sha256', '=', tokenSha256)
      .where('purpose', '=', purpose)
      .where('expires_at', '>', nowMs)
      .returningAll()
      .executeTakeFirst();
  }
}
