import { sign } from 'node:crypto';
import {
  Key,
  Metadata,
  type MetadataKind,
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

/** The key as root metadata names it; its id is the digest of its canonical form (TUF specification, 4.2). */
export function trustKeyOf({ publicKey }: Pick<SigningKey, 'publicKey'>): Key {
  // An Ed25519 key in SPKI ends with its 32 bytes (RFC 8410, section 4).
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32).toString('hex');
  const description = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } };
  const keyID = digestOf(Buffer.from(canonicalJson(description)));
  return new Key({ keyID, keyType: 'ed25519', scheme: 'ed25519', keyVal: { public: raw } });
}

/** The metadata with a signature of each key beside those that it has. */
export function addSignatures<T extends Signable>(
  metadata: Metadata<T>,
  keys: readonly SigningKey[],
): Metadata<T> {
  for (const key of keys) {
    const { keyID } = trustKeyOf(key);
    metadata.sign((data) => new Signature({ keyID, sig: sign(null, data, key.privateKey).toString('hex') }));
  }
  return metadata;
}

/** The bytes of a metadata file. */
export function encodeMetadata(metadata: Metadata<Signable>): Buffer {
  return Buffer.from(JSON.stringify(metadata.toJSON()));
}

/** What one metadata file says of another: its version, length and digest. */
export function metaFileOf(version: number, bytes: Uint8Array): MetaFile {
  return new MetaFile({ version, length: bytes.byteLength, hashes: { sha256: digestOf(bytes) } });
}

/** Throws what `Metadata.fromJSON` throws for anything but metadata of that kind. */
export function parseMetadata(kind: MetadataKind.Root, text: string | Buffer): Metadata<Root>;
export function parseMetadata(kind: MetadataKind.Targets, text: string | Buffer): Metadata<Targets>;
export function parseMetadata(kind: MetadataKind.Snapshot, text: string | Buffer): Metadata<Snapshot>;
export function parseMetadata(kind: MetadataKind.Timestamp, text: string | Buffer): Metadata<Timestamp>;
export function parseMetadata(kind: MetadataKind, text: string | Buffer): unknown {
  const value: unknown = JSON.parse(text.toString());
  return Metadata.fromJSON(kind as MetadataKind.Root, value as Parameters<typeof Metadata.fromJSON>[1]);
}

/** Whether as many keys as the root wants have signed it for that role. */
export function isSignedFor(root: Metadata<Root>, role: TrustRole, metadata: Metadata<Signable>): boolean {
  try {
    root.verifyDelegate(role, metadata);
    return true;
  } catch (error) {
    if (error instanceof Error) return false;
    throw error;
  }
}
