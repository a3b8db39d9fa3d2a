import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PhotographFolder } from './photograph-folder.ts';

const nobody = 65_534;

/** A folder that anybody may read, but for `lost+found` in it; the administrator of a machine may read that too. */
function diskWithClosedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pomona-disk-'));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, '1.jpg'), 'photograph');
  mkdirSync(join(folder, 'lost+found'));
  chmodSync(join(folder, 'lost+found'), 0);
  if (process.geteuid?.() === 0) process.seteuid!(nobody);
  onTestFinished(() => {
    if (process.getuid?.() === 0) process.seteuid!(0);
    chmodSync(join(folder, 'lost+found'), 0o700);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

const photographs = new PhotographFolder({ put: async () => '' });

it('takes what an index lists beside a folder that cannot be read', async () => {
  const folder = diskWithClosedFolder();
  await expect(photographs.list(folder, 'unsorted')).rejects.toMatchObject({
    code: 'dataset-folder-unreadable',
  });
  process.seteuid?.(process.getuid!());
  writeFileSync(join(folder, 'index.csv'), 'path,grade,group\n1.jpg,good,a\n');
  if (process.getuid?.() === 0) process.seteuid!(nobody);
  expect(await photographs.list(folder)).toMatchObject({
    photographs: [{ path: '1.jpg', grade: 'good', group: 'a' }],
    unlisted: 0,
  });
});
