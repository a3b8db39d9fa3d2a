/**
 * Who somebody is. A secret (session, token, link) is 256 random bits; only its SHA-256 is kept, so it is looked up by
 * an index and no comparison of ours can leak it by its time. A session ends when it idles, and after its whole life.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  AppError,
  type Caller,
  type Clock,
  type CreatedToken,
  type NewToken,
  type NewUser,
  type Role,
  type SetupRequest,
  type SignInRequest,
  type TokenView,
  type UserView,
} from '@pomona/wire';
import type { AccessStore, TokenRecord } from './access-store.ts';
import { hashPassword, isPassword } from './password.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const sessionMs = { idle: 12 * 60 * minuteMs, whole: 7 * dayMs } as const;
export const sessionSeconds = sessionMs.whole / 1000;
const linkMs = { setup: dayMs, 'sign-in': dayMs } as const;
const tokenDays = 365;

export interface AccessPorts {
  readonly store: AccessStore;
  readonly clock: Clock;
}

export interface SignedIn {
  readonly principal: Caller;
  /** For the cookie. */
  readonly session: string;
}

export class Access {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  /** Of the command line on this machine; good while this process runs. */
  readonly localToken = newSecret();

  constructor({ store, clock }: AccessPorts) {
    this.#store = store;
    this.#clock = clock;
  }

  async setupNeeded(): Promise<boolean> {
    return !(await this.#store.hasAdmin());
  }

  /** A one-time secret. `name` is who a sign-in link makes of its bearer: an admin. */
  async createLink(purpose: 'setup' | 'sign-in', name: string): Promise<string> {
    const secret = newSecret();
    const nowMs = this.#clock.nowMs();
    const link = { token_sha256: digestOf(secret), purpose, name, expires_at: nowMs + linkMs[purpose] };
    await this.#store.addLink(link, nowMs);
    return secret;
  }

  /** Error: `link-invalid`. */
  async followLink(token: string): Promise<SignedIn> {
    const link = await this.#store.takeLink(digestOf(token), 'sign-in', this.#clock.nowMs());
    if (link === undefined) throw linkInvalid();
    return this.#begin({ name: link.name, role: 'admin', kind: 'user' }, null);
  }

  /** The first admin. Errors: `link-invalid`, `user-exists`. */
  async setUp({ token, name, password }: SetupRequest): Promise<SignedIn> {
    if (!(await this.setupNeeded())) throw linkInvalid();
    if ((await this.#store.user(name)) !== undefined) throw userExists(name);
    const hashed = await hashPassword(password);
    const link = await this.#store.takeLink(digestOf(token), 'setup', this.#clock.nowMs());
    if (link === undefined) throw linkInvalid();
    const user = { name, role: 'admin', ...hashed, created_at: this.#clock.nowMs() } as const;
    if (!(await this.#store.addUser(user))) throw userExists(name);
    return this.#begin({ name, role: 'admin', kind: 'user' }, name);
  }

  /** Error: `sign-in-failed`, which does not say whether there is such a user. */
  async signIn({ name, password }: SignInRequest): Promise<SignedIn> {
    const user = await this.#store.user(name);
    if (!(await isPassword(user, Buffer.from(password))) || user === undefined) {
      throw new AppError('sign-in-failed', 'the name or the password is wrong', {
        hint: 'Try again, or ask an admin for a new password: pomona user password NAME.',
      });
    }
    return this.#begin({ name, role: user.role, kind: 'user' }, name);
  }

  async signOut(session: string): Promise<void> {
    await this.#store.endSession(digestOf(session));
  }

  async bySession(session: string): Promise<Caller | undefined> {
    const digest = digestOf(session);
    const row = await this.#store.session(digest);
    const nowMs = this.#clock.nowMs();
    if (row === undefined || row.expires_at <= nowMs || row.seen_at + sessionMs.idle <= nowMs)
      return undefined;
    if (nowMs - row.seen_at > minuteMs) await this.#store.touchSession(digest, nowMs);
    const role = row.user_name === null ? row.role : row.userRole;
    return role === null ? undefined : { name: row.name, role, kind: 'user' };
  }

  async byToken(token: string): Promise<Caller | undefined> {
    const digest = digestOf(token);
    if (digest === digestOf(this.localToken)) return { name: 'local', role: 'admin', kind: 'local' };
    const row = await this.#store.token(digest);
    if (row === undefined || row.expires_at <= this.#clock.nowMs()) return undefined;
    return { name: row.name, role: row.role, kind: 'token' };
  }

  async users(): Promise<UserView[]> {
    return (await this.#store.users()).map(({ name, role, created_at }) => ({
      name,
      role,
      createdAt: instant(created_at),
    }));
  }

  /** Error: `user-exists`. */
  async addUser({ name, password, role }: NewUser): Promise<UserView> {
    const nowMs = this.#clock.nowMs();
    const user = { name, role, ...(await hashPassword(password)), created_at: nowMs };
    if (!(await this.#store.addUser(user))) throw userExists(name);
    return { name, role, createdAt: instant(nowMs) };
  }

  /** Error: `user-unknown`. */
  async setPassword(name: string, password: string): Promise<void> {
    if (!(await this.#store.setPassword(name, await hashPassword(password)))) throw userUnknown(name);
  }

  /** Errors: `user-unknown`, `last-admin`. */
  async removeUser(name: string): Promise<void> {
    const result = await this.#store.removeUser(name);
    if (result === 'unknown') throw userUnknown(name);
    if (result === 'last-admin') {
      throw new AppError('last-admin', `${name} is the last admin`, { hint: 'Add another admin first.' });
    }
  }

  async tokens(): Promise<TokenView[]> {
    return (await this.#store.tokens()).map(tokenView);
  }

  async createToken(
    { name, role, validForDays = tokenDays }: NewToken,
    createdBy: string,
  ): Promise<CreatedToken> {
    const token = newSecret();
    const nowMs = this.#clock.nowMs();
    const row = {
      id: randomBytes(6).toString('hex'),
      token_sha256: digestOf(token),
      ...{ name, role, created_by: createdBy, created_at: nowMs, expires_at: nowMs + validForDays * dayMs },
    };
    await this.#store.addToken(row);
    return { ...tokenView(row), token };
  }

  /** Error: `token-unknown`. */
  async revokeToken(id: string): Promise<void> {
    if (await this.#store.removeToken(id)) return;
    throw new AppError('token-unknown', `there is no token ${id}`, {
      hint: 'See the list: pomona token list.',
    });
  }

  async #begin(principal: Caller & { role: Role }, userName: string | null): Promise<SignedIn> {
    const session = newSecret();
    const nowMs = this.#clock.nowMs();
    const { name, role } = principal;
    const times = { seen_at: nowMs, expires_at: nowMs + sessionMs.whole };
    await this.#store.addSession(
      { token_sha256: digestOf(session), user_name: userName, name, role, ...times },
      nowMs,
    );
    return { principal, session };
  }
}

function tokenView(row: TokenRecord): TokenView {
  const { id, name, role, created_by: createdBy } = row;
  return {
    id,
    name,
    role,
    createdBy,
    createdAt: instant(row.created_at),
    expiresAt: instant(row.expires_at),
  };
}

function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

function instant(ms: number): string {
  return new Date(ms).toISOString();
}

function linkInvalid(): AppError {
  return new AppError('link-invalid', 'this link was used, has expired or never was one', {
    hint: 'Start the control plane again: it prints a new one while there is no admin.',
  });
}

function userExists(name: string): AppError {
  return new AppError('user-exists', `there is a user ${name} already`, { hint: 'Choose another name.' });
}

function userUnknown(name: string): AppError {
  return new AppError('user-unknown', `there is no user ${name}`, {
    hint: 'See the list: pomona user list.',
  });
}
