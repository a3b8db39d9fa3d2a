/** Who changed the keys, when and why: lines of JSON beside the keys, to which is only ever added. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readIfPresent, syncFolder } from './durable-file.ts';

/** In the folder of keys. */
export const keyLogFile = 'log.jsonl';

export interface KeyLogEntry {
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly reason: string;
  readonly detail: string;
}

/** On the disk when it resolves. */
export async function addToKeyLog(keysFolder: string, entry: KeyLogEntry): Promise<void> {
  const file = await open(join(keysFolder, keyLogFile), 'a', 0o600);
  try {
    // A line that a power cut tore ends here, and takes no entry with it.
    const { size } = await file.stat();
    await file.appendFile(`${size === 0 ? '' : '\n'}${JSON.stringify(entry)}`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(keysFolder);
}

/** Oldest first; what a power cut tore is left out. */
export async function readKeyLog(keysFolder: string): Promise<KeyLogEntry[]> {
  const bytes = await readIfPresent(join(keysFolder, keyLogFile));
  return (bytes?.toString('utf8') ?? '').split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as KeyLogEntry];
    } catch (error) {
      if (error instanceof SyntaxError) return [];
      throw error;
    }
  });
}
