import { join } from 'node:path';
import { makeFolder, readIfPresent, writeFileDurably } from '@pomona/release';
import type { Clock } from '@pomona/wire';
import { type MosquittoPlan, mosquittoFiles } from '../use-cases/mosquitto-config.ts';
import { openAuthority } from './pki/authority.ts';
import { openIdentity } from './pki/server-identity.ts';

export interface MosquittoOptions extends Omit<MosquittoPlan, 'folder'> {
  readonly dataFolder: string;
  readonly out: string;
  /** As in `MosquittoPlan`; the folder itself unless given. */
  readonly installedIn?: string;
  /** Names and addresses by which stations reach the broker. */
  readonly hosts: readonly string[];
}

/**
 * Writes the configuration, the access lists, the authority and a server certificate of it. Passwords that are there
 * already are kept: Mosquitto keeps them in a way of its own (PBKDF2), and ours (scrypt) cannot be turned into them. The file
 * may be Mosquitto's own by now. Resolves with whose passwords are there who are no readers any more.
 */
export async function writeMosquittoFolder(options: MosquittoOptions, clock: Clock): Promise<string[]> {
  const { dataFolder, out, hosts, installedIn = out, ...plan } = options;
  await makeFolder(out);
  const authority = await openAuthority(join(dataFolder, 'pki'), clock);
  await openIdentity(out, authority, clock, { file: 'server', commonName: 'pomona', usage: 'server', hosts });
  await writeFileDurably(join(out, 'ca.crt'), authority.certificatePem);
  for (const [name, content] of Object.entries(mosquittoFiles({ ...plan, folder: installedIn })))
    await writeFileDurably(join(out, name), content);
  const passwords = join(out, 'readers.passwd');
  const known = await readIfPresent(passwords);
  if (known === undefined) await writeFileDurably(passwords, '', 0o600);
  const users = `${known ?? ''}`.split('\n').flatMap((line) => /^([^:]+):/.exec(line)?.[1] ?? []);
  return users.filter((name) => !plan.readers.some(({ user }) => user === name));
}
