import { type Static, Type } from '@pomona/schema';
import { Instant, Slug } from './ids.ts';

/** From the least to the most: a viewer reads, an operator acts on stations, an admin manages who may do what. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export const Role = Type.Enum([...roles]);
export type Role = (typeof roles)[number];

/** Whether somebody of `role` may do what needs `needed`. */
export function roleCovers(role: Role, needed: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(needed);
}

/** With the local token: the user of the operating system, percent-encoded, whom records name beside `local`. */
export const localUserHeader = 'x-pomona-user';

/** Who acts. `local` is the command line on the control plane's own machine. */
export const Caller = Type.Object({
  name: Type.String(),
  role: Role,
  kind: Type.Union([Type.Literal('user'), Type.Literal('token'), Type.Literal('local')]),
});
export type Caller = Static<typeof Caller>;

export const passwordCharsMin = 10;
const Password = Type.String({ minLength: passwordCharsMin, maxLength: 256 });
const Secret = Type.String({ minLength: 20, maxLength: 200 });

/** `GET /v1/session`: who asks; null for a stranger. */
export const SessionView = Type.Object({
  principal: Type.Union([Caller, Type.Null()]),
  /** There is no admin yet: the set-up link makes the first. */
  setupNeeded: Type.Boolean(),
});
export type SessionView = Static<typeof SessionView>;

export const SignInRequest = Type.Object({
  name: Type.String({ maxLength: 40 }),
  password: Type.String({ maxLength: 256 }),
});
export type SignInRequest = Static<typeof SignInRequest>;

export const LinkRequest = Type.Object({ token: Secret });
export type LinkRequest = Static<typeof LinkRequest>;

export const SetupRequest = Type.Object({ token: Secret, name: Slug, password: Password });
export type SetupRequest = Static<typeof SetupRequest>;

export const UserView = Type.Object({ name: Slug, role: Role, createdAt: Instant });
export type UserView = Static<typeof UserView>;

export const NewUser = Type.Object({ name: Slug, password: Password, role: Role });
export type NewUser = Static<typeof NewUser>;

export const NewPassword = Type.Object({ password: Password });
export type NewPassword = Static<typeof NewPassword>;

export const TokenView = Type.Object({
  id: Type.String(),
  name: Slug,
  role: Role,
  createdBy: Type.String(),
  createdAt: Instant,
  expiresAt: Instant,
});
export type TokenView = Static<typeof TokenView>;

export const NewToken = Type.Object({
  name: Slug,
  role: Role,
  validForDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
});
export type NewToken = Static<typeof NewToken>;

/** The only answer that holds the token itself. */
export const CreatedToken = Type.Object({ ...TokenView.properties, token: Type.String() });
export type CreatedToken = Static<typeof CreatedToken>;
