/**
 * Seals secrets that must be read again, for the database: who reads that, or a backup of it, has not the key. AES-256-GCM
 * (NIST SP 800-38D) with a nonce of its own for each; bound to a text of the caller, so that none can be put in another's place.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import { AppError } from '@pomona/wire';
import type { Sealer } from '../use-cases/webhooks.ts';

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** Of what is sealed; a secret of the control plane's own has no colon. */
const prefix = 'sealed:';

/** Reads the key at `path`, or makes it: file mode 0600, in a folder of mode 0700. Error: `secret-unreadable`. */
export async function openSealer(path: string): Promise<Sealer> {
  const key = (await readIfPresent(path)) ?? (await createKey(path));
  if (key.length !== keyBytes)
    throw unreadable(`the key ${path} has ${key.length} bytes and not ${keyBytes}`);
  return {
    isSealed: (text) => text.startsWith(prefix),
    seal(secret, boundTo) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, key, nonce).setAAD(Buffer.from(boundTo));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return prefix + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
    },
    open(text, boundTo) {
      const bytes = Buffer.from(text.slice(prefix.length), 'base64url');
      const tagEnd = nonceBytes + tagBytes;
      if (!text.startsWith(prefix) || bytes.length < tagEnd) throw unreadable('a secret was never sealed');
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
        authTagLength: tagBytes,
      })
        .setAAD(Buffer.from(boundTo))
        .setAuthTag(bytes.subarray(nonceBytes, tagEnd));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(tagEnd)), decipher.final()]).toString();
      } catch (cause) {
        throw unreadable(`a secret was sealed with another key than ${path}`, cause);
      }
    },
  };
}

async function createKey(path: string): Promise<Buffer> {
  const key = randomBytes(keyBytes);
  await makeFolder(dirname(path), 0o700);
  await writeFileDurably(path, key, 0o600);
  return key;
}

function unreadable(message: string, cause?: unknown): AppError {
  return new AppError('secret-unreadable', message, {
    hint: 'Restore the folder keys of the data folder from a backup, or remove the webhook and add it again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
