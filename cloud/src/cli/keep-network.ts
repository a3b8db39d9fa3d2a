import { existsSync } from 'node:fs';
import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@pomona/release';

/**
 * The file of a network that is made once and kept in `folder`. `make` gets a folder for what it needs until then; what an
 * interrupted one left there is for the next to go on from.
 */
export async function keptNetwork(
  folder: string,
  name: string,
  make: (work: string) => Promise<string>,
): Promise<string> {
  const kept = join(folder, `${name}.onnx`);
  if (existsSync(kept)) return kept;
  const work = join(folder, name);
  await makeFolder(work);
  await copyFile(await make(work), `${kept}.part`);
  await rename(`${kept}.part`, kept);
  await rm(work, { recursive: true });
  return kept;
}

/** The folder that `draw` made and named; in `work` it is noted, so that it is not drawn again. */
export async function drawnOnce(work: string, draw: () => Promise<string>): Promise<string> {
  const note = join(work, 'drawn.txt');
  if (existsSync(note)) return readFile(note, 'utf8');
  const folder = await draw();
  await writeFile(`${note}.part`, folder);
  await rename(`${note}.part`, note);
  return folder;
}
