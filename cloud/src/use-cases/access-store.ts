import type { Role } from '@pomona/wire';

/** Rows as the store keeps them; instants are milliseconds since 1970. */
export interface UserRecord {
  readonly name: string;
  readonly role: Role;
  readonly salt: string;
  readonly hash: string;
  readonly created_at: number;
}

export interface SessionRecord {
  readonly token_sha256: string;
  readonly user_name: string | null;
  readonly name: string;
  readonly role: Role;
  readonly seen_at: number;
  readonly expires_at: number;
}

export interface TokenRecord {
  readonly id: string;
  readonly token_sha256: string;
  readonly name: string;
  readonly role: Role;
  readonly created_by: string;
  readonly created_at: number;
  readonly expires_at: number;
}

export interface LinkRecord {
  readonly token_sha256: string;
  readonly purpose: 'setup' | 'sign-in';
  readonly name: string;
  readonly expires_at: number;
}

export interface AccessStore {
  hasAdmin(): Promise<boolean>;
  users(): Promise<UserRecord[]>;
  user(name: string): Promise<UserRecord | undefined>;
  addUser(user: UserRecord): Promise<boolean>;
  setPassword(name: string, password: Pick<UserRecord, 'salt' | 'hash'>): Promise<boolean>;
  removeUser(name: string): Promise<'removed' | 'unknown' | 'last-admin'>;
  addSession(session: SessionRecord, nowMs: number): Promise<void>;
  session(tokenSha256: string): Promise<(SessionRecord & { readonly userRole: Role | null }) | undefined>;
  touchSession(tokenSha256: string, nowMs: number): Promise<void>;
  endSession(tokenSha256: string): Promise<void>;
  tokens(): Promise<TokenRecord[]>;
  token(tokenSha256: string): Promise<TokenRecord | undefined>;
  addToken(token: TokenRecord): Promise<void>;
  removeToken(id: string): Promise<boolean>;
  addLink(link: LinkRecord, nowMs: number): Promise<void>;
  takeLink(
    tokenSha256: string,
    purpose: LinkRecord['purpose'],
    nowMs: number,
  ): Promise<LinkRecord | undefined>;
}
