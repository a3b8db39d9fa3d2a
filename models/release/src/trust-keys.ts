import { createPrivateKey, type KeyObject } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemErrorCode } from '@pomona/wire';
import type { Root } from '@tufjs/models';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';
import { releaseError } from './release-errors.ts';
import { generateSigningKey, openSigningKey, readPublicKey, type SigningKey } from './signing-key.ts';
import type { TrustRole } from './trust-metadata.ts';
import { trustKeyOf } from './trust-signing.ts';

const keyFilePattern = /^trust-[a-z0-9-]{1,60}\.pem$/;
/** Far more than four roles need; a folder of thousands of keys is a mistake. */
const keyFilesMax = 64;

/** A private key in the control plane's folder of keys. Which roles it signs for, root metadata says. */
export interface LocalKey {
  readonly keyId: string;
  readonly file: string;
  readonly key: SigningKey;
}

/** Every `trust-*.pem` of the folder. Throws `trust-repository` for a file that is no Ed25519 key. */
export async function readLocalKeys(folder: string): Promise<LocalKey[]> {
  const names = (await readdir(folder)).filter((name) => keyFilePattern.test(name)).sort();
  if (names.length > keyFilesMax)
    throw releaseError(
      'trust-repository',
      `${folder} has ${names.length} trust keys, at most ${keyFilesMax} are read`,
    );
  return Promise.all(names.map((name) => readLocalKey(join(folder, name))));
}

async function readLocalKey(file: string): Promise<LocalKey> {
  try {
    return localKeyOf(file, await openSigningKey(file));
  } catch (cause) {
    throw releaseError('trust-repository', `${file} is not an Ed25519 private key`, { cause });
  }
}

/** Opens `trust-<role>.pem`, or makes it: how a new control plane gets its keys. */
export async function openRoleKey(folder: string, role: TrustRole): Promise<LocalKey> {
  const file = join(folder, `trust-${role}.pem`);
  return localKeyOf(file, await openSigningKey(file));
}

/** A new key for a role beside the ones that are there, in `trust-<role>-<first digits of its id>.pem`. */
export async function makeLocalKey(folder: string, role: TrustRole): Promise<LocalKey> {
  const key = generateSigningKey();
  const made = localKeyOf('', key);
  const file = join(folder, `trust-${role}-${made.keyId.slice(0, 12)}.pem`);
  await makeFolder(folder, 0o700);
  await writeFileDurably(file, pemOf(key), 0o600);
  return { ...made, file };
}

/**
 * A key pair to be kept elsewhere: `file` (private, mode 0600) and `file.pub`, which may be shown to anyone. Throws
 * `key-file` when there is a file of either name.
 */
export async function makeKeyPair(file: string): Promise<LocalKey> {
  for (const path of [file, `${file}.pub`]) {
    if (await readIfPresent(path)) throw releaseError('key-file', `${path} is there already`);
  }
  const key = generateSigningKey();
  try {
    await writeFileDurably(file, pemOf(key), 0o600);
    await writeFileDurably(`${file}.pub`, key.publicKeyPem);
  } catch (cause) {
    if (systemErrorCode(cause) === undefined) throw cause;
    throw releaseError('key-file', `cannot write ${file}`, { cause });
  }
  return localKeyOf(file, key);
}

/** Reads a private key that is kept anywhere. Throws `key-file`. */
export async function readPrivateKeyFile(file: string): Promise<LocalKey> {
  const bytes = await readKeyFile(file);
  try {
    createPrivateKey(bytes);
  } catch (cause) {
    throw releaseError('key-file', `${file} holds no private key in PEM form`, { cause });
  }
  return readLocalKey(file);
}

/** Reads the public key of a `.pub` file, or of a private key's file. Throws `key-file`. */
export async function readPublicKeyFile(file: string): Promise<KeyObject> {
  const bytes = await readKeyFile(file);
  try {
    return readPublicKey(bytes);
  } catch (cause) {
    throw releaseError('key-file', `${file} holds no Ed25519 key in PEM form`, { cause });
  }
}

/** The keys here that a root names for a role. */
export function signersOf(root: Root, role: TrustRole, keys: readonly LocalKey[]): SigningKey[] {
  const named = new Set(root.roles[role]?.keyIDs);
  return keys.filter(({ keyId }) => named.has(keyId)).map(({ key }) => key);
}

/** Whether the keys here are enough to sign for a role. */
export function canSign(root: Root, role: TrustRole, keys: readonly LocalKey[]): boolean {
  return signersOf(root, role, keys).length >= (root.roles[role]?.threshold ?? 1);
}

async function readKeyFile(file: string): Promise<Buffer> {
  const bytes = await readIfPresent(file).catch((cause: unknown) => {
    throw releaseError('key-file', `cannot read ${file}`, { cause });
  });
  if (!bytes) throw releaseError('key-file', `there is no ${basename(file)} at ${file}`);
  return bytes;
}

function localKeyOf(file: string, key: SigningKey): LocalKey {
  return { keyId: trustKeyOf(key).keyID, file, key };
}

function pemOf(key: SigningKey): string {
  return key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
