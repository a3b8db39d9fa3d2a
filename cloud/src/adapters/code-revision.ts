import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The commit that runs, with `-modified` when files differ from it; `unknown` outside a checkout. */
export async function readCodeRevision(): Promise<string> {
  try {
    const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: root });
    const revision = (await git('rev-parse', 'HEAD')).stdout.trim();
    const changes = (await git('status', '--porcelain', '--untracked-files=no')).stdout.trim();
    return changes === '' ? revision : `${revision}-modified`;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 'unknown';
    throw error;
  }
}
