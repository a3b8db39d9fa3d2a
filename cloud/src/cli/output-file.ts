import { open, writeFile } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { AppError } from '@pomona/wire';

/** Writes what a command was asked for. Error: `file-unwritable`. */
export async function writeOutput(file: string, data: string | Uint8Array): Promise<void> {
  await writeFile(file, data).catch(refuse(file));
}

/** The same for what comes bit by bit; opened at once, so that nothing is computed in vain. Error: `file-unwritable`. */
export async function outputStream(file: string): Promise<Writable> {
  const handle = await open(file, 'w').catch(refuse(file));
  return handle.createWriteStream();
}

function refuse(file: string) {
  return (cause: unknown): never => {
    throw new AppError('file-unwritable', `cannot write ${file}`, {
      hint: 'Name a file in a folder that is there and may be written to.',
      cause,
    });
  };
}
