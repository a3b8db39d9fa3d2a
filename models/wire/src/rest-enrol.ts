/** How a station comes to its certificate and to a new one. */
import { type Static, Type } from '@pomona/schema';
import { Digest, Instant, Slug } from './ids.ts';
import { Nullable } from './nullable.ts';

/** `POST /v1/enrol`, on the device listener. The key never leaves the device: it sends a signing request. */
export const EnrolRequest = Type.Object({
  token: Type.String({ minLength: 20, maxLength: 200 }),
  /** PKCS#10, PEM. Its common name must be the station's id. */
  csrPem: Type.String({ maxLength: 8_000 }),
});
export type EnrolRequest = Static<typeof EnrolRequest>;

export const EnrolResponse = Type.Object({
  site: Slug,
  line: Slug,
  station: Slug,
  certificatePem: Type.String(),
  caPem: Type.String(),
  brokerUrl: Type.String(),
  /** Where files are had over HTTPS with the station's certificate; left out by older control planes. */
  deviceUrl: Type.Optional(Type.String()),
  /** The TUF root metadata that releases are trusted by, JSON text. */
  trustRoot: Type.String(),
  /** Ed25519 public key (SPKI PEM) that desired states are signed with. */
  desiredKeyPem: Type.String(),
});
export type EnrolResponse = Static<typeof EnrolResponse>;

/** From a station that shows its certificate, also an expired one. */
export const RenewRequest = Type.Object({ csrPem: Type.String({ maxLength: 8_000 }) });
export type RenewRequest = Static<typeof RenewRequest>;

/** `certificatePem`: null while the one that was shown is good for long. */
export const RenewResponse = Type.Object({ certificatePem: Nullable(Type.String()) });
export type RenewResponse = Static<typeof RenewResponse>;

/** What `station enrol` gives out: an installer carries it to the device. Good once, until it expires. */
export const Claim = Type.Object({
  v: Type.Literal(1),
  site: Slug,
  line: Slug,
  station: Slug,
  url: Type.String(),
  /** SHA-256 of the control plane's CA certificate (DER), by which the device knows it. */
  caSha256: Digest,
  token: Type.String(),
  expiresAt: Instant,
});
export type Claim = Static<typeof Claim>;

export const ClaimRequest = Type.Object({
  site: Slug,
  line: Slug,
  station: Slug,
  validForMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 43_200 })),
});
export type ClaimRequest = Static<typeof ClaimRequest>;
