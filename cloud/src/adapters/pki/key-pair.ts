import { createPrivateKey, createPublicKey, webcrypto } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import { AppError } from '@pomona/wire';

/** EC P-256: what every TLS library on every board knows. */
export const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

export interface KeyPair {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly privateKeyPem: string;
}

/** Reads the private key at `path` (PKCS#8, PEM), or makes it: file mode 0600, in a folder of mode 0700. */
export async function openKeyPair(path: string): Promise<KeyPair> {
  const stored = await readIfPresent(path);
  if (stored === undefined) return createKeyPair(path);
  try {
    const privateKey = createPrivateKey(stored);
    const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    return {
      keys: {
        privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, keyAlgorithm, true, ['sign']),
        publicKey: await webcrypto.subtle.importKey('spki', spki, keyAlgorithm, true, ['verify']),
      },
      privateKeyPem: stored.toString(),
    };
  } catch (error) {
    throw new AppError('pki-damaged', `the key ${path} cannot be read`, {
      hint: 'Restore the folder pki of the data folder from a backup.',
      cause: error,
    });
  }
}

async function createKeyPair(path: string): Promise<KeyPair> {
  const folder = dirname(path);
  await makeFolder(folder, 0o700);
  await chmod(folder, 0o700);
  const keys = await webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify']);
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const privateKeyPem = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
  await writeFileDurably(path, privateKeyPem, 0o600);
  return { keys, privateKeyPem };
}
