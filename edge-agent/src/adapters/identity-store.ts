/**
 * The station's identity in `dataDir/identity`: `key.pem` (mode 0600, made here, never leaves) and `identity.json`. The
 * second is written in one piece after the enrolment went through, so a station is enrolled or it is not.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import { Compile } from '@pomona/schema';
import { AppError, systemErrorCode } from '@pomona/wire';
import { Identity } from '../domain/identity.ts';
import type { IdentityStore } from '../use-cases/enrol.ts';
import { signingRequest } from './signing-request.ts';

const validator = Compile(Identity);

export interface FileIdentityStore extends IdentityStore {
  /** PKCS#8, PEM; for the TLS client alone. */
  privateKeyPem(): Promise<string>;
}

export function openIdentityStore(dataDir: string): FileIdentityStore {
  const folder = join(dataDir, 'identity');
  const keyFile = join(folder, 'key.pem');
  const identityFile = join(folder, 'identity.json');

  async function openKey(): Promise<KeyObject> {
    const stored = await readIfPresent(keyFile);
    if (stored === undefined) return createKey();
    try {
      return createPrivateKey(stored);
    } catch (error) {
      throw damaged(keyFile, error);
    }
  }

  async function createKey(): Promise<KeyObject> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    try {
      await makeFolder(folder, 0o700);
      await chmod(folder, 0o700);
      await writeFileDurably(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
    } catch (error) {
      throw notWritten(folder, error);
    }
    return privateKey;
  }

  return {
    async load() {
      const stored = await readIfPresent(identityFile);
      if (stored === undefined) return undefined;
      const identity = parse(stored.toString(), identityFile);
      if (!validator.Check(identity) || (await readIfPresent(keyFile)) === undefined)
        throw damaged(identityFile);
      return identity;
    },
    async save(identity) {
      if (!new X509Certificate(identity.certificatePem).checkPrivateKey(await openKey())) {
        throw new AppError(
          'enrol-bad-answer',
          'the certificate that came back is not for the key of this device',
          {
            hint: 'Make a new claim with `pomona station enrol`; if it happens again, look at what sits between both.',
          },
        );
      }
      await writeFileDurably(identityFile, `${JSON.stringify(identity, undefined, 2)}\n`, 0o600);
    },
    async signingRequest(station) {
      return signingRequest(station, await openKey());
    },
    async privateKeyPem() {
      return (await openKey()).export({ type: 'pkcs8', format: 'pem' }).toString();
    },
  };
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, error);
  }
}

function damaged(file: string, cause?: unknown): AppError {
  return new AppError('identity-damaged', `${file} cannot be used`, {
    hint: 'Remove the folder identity of the data folder and enrol the station again with a new claim.',
    ...(cause === undefined ? {} : { cause }),
  });
}

/** A disk that is full or can only be read stops no line that grades, but no station can be enrolled there. */
function notWritten(folder: string, cause: unknown): unknown {
  if (systemErrorCode(cause) === undefined || !(cause instanceof Error)) return cause;
  return new AppError(
    'data-folder-not-writable',
    `the station’s key cannot be written to ${folder}: ${cause.message}`,
    {
      hint: 'Free some space, or let this user write there; the claim is still good.',
      cause,
    },
  );
}
