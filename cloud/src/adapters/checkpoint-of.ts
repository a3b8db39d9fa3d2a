import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '@pomona/release';

/** Of trainings that were killed and never taken up again. */
const keptMax = 8;

/**
 * The file that keeps where a training stands, by what makes two trainings the same. Without `resume` what an earlier one left
 * there is removed; of other trainings the newest few stay.
 */
export async function checkpointOf(folder: string, training: object, resume: boolean): Promise<string> {
  const name = createHash('sha256').update(JSON.stringify(training)).digest('hex').slice(0, 32);
  const path = join(folder, name);
  await makeFolder(folder);
  if (!resume) await rm(path, { force: true });
  const others = (await readdir(folder)).filter((each) => each !== name);
  const aged = await Promise.all(
    others.map(async (each) => ({
      path: join(folder, each),
      // Another process may have ended its training, and removed it, since.
      at: (await stat(join(folder, each)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const old = aged.sort((a, b) => b.at - a.at).slice(keptMax);
  await Promise.all(old.map((each) => rm(each.path, { force: true })));
  return path;
}
