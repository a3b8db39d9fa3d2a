import { sign } from 'node:crypto';
import {
  Key,
  Metadata,
  MetaFile,
  type Root,
  Signature,
  type Snapshot,
  type Targets,
  type Timestamp,
} from '@tufjs/models';
import { canonicalJson, digestOf } from './digest.ts';
import type { SigningKey } from './signing-key.ts';
import type { TrustRole } from './trust-metadata.ts';

export type Signable = Root | Targets | Snapshot | Timestamp;
export type TrustKeys = Readonly<Record<TrustRole, SigningKey>>;

/** The key as root metadata names it; its id is the digest of its canonical form (TUF specification, 4.2). */
export function trustKeyOf(key: SigningKey): Key {
  // An Ed25519 key in SPKI ends with its 32 bytes (RFC 8410, section 4).
  const raw = key.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const description = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyID = digestOf(Buffer.from(canonicalJson(description)));
  return new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: raw } });
}

/** The bytes of a metadata file: the signed part with one signature. */
export function signMetadata(signed: Signable, key: SigningKey): Buffer {
  const metadata = new Metadata(signed);
  const { keyID } = trustKeyOf(key);
  metadata.sign((data) => new Signature({ keyID, sig: sign(null, data, key.privateKey).toString('hex') }));
  return Buffer.from(JSON.stringify(metadata.toJSON()));
}

/** What one metadata file says of another: its version, length and digest. */
export function metaFileOf(version: number, bytes: Uint8Array): MetaFile {
  return new MetaFile({ version, length: bytes.byteLength, hashes: { sha256: digestOf(bytes) } });
}
