import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readIfPresent, writeFileDurably } from '@pomona/release';

const instanceFile = 'instance-id';

/** Tells the control plane of this data folder from others on the same database, in all its lives. Only who holds the folder's lock may ask. */
export async function instanceIdOf(dataFolder: string): Promise<string> {
  const path = join(dataFolder, instanceFile);
  const known = (await readIfPresent(path))?.toString().trim();
  if (known) return known;
  const id = randomUUID();
  await writeFileDurably(path, `${id}\n`);
  return id;
}
