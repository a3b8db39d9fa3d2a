import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { dirname } from 'node:path';
import { readIfPresent, writeFileDurably } from './durable-file.ts';
import { makeFolder } from './make-folder.ts';

/** An Ed25519 key pair; `id` is the SHA-256 of the public key (SPKI, DER). */
export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly publicKeyPem: string;
}

/** Reads the key at `path` (PKCS#8, PEM), or makes it: file mode 0600, in a folder of mode 0700. */
export async function openSigningKey(path: string): Promise<SigningKey> {
  const stored = await readIfPresent(path);
  if (stored) return signingKeyOf(createPrivateKey(stored));
  const key = generateSigningKey();
  await makeFolder(dirname(path), 0o700);
  await writeFileDurably(path, key.privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  return key;
}

export function generateSigningKey(): SigningKey {
  return signingKeyOf(generateKeyPairSync('ed25519').privateKey);
}

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
}

/** The Ed25519 public key in a PEM, of a public or a private key. */
export function readPublicKey(pem: string | Buffer): KeyObject {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`expected an Ed25519 key, not ${key.asymmetricKeyType}`);
  return key;
}

function signingKeyOf(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`expected an Ed25519 key, not ${privateKey.asymmetricKeyType}`);
  const publicKey = createPublicKey(privateKey);
  return {
    id: keyIdOf(publicKey),
    privateKey,
    publicKey,
    publicKeyPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
