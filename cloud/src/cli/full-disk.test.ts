import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkMayFill, fillDisk } from './full-disk.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pomona-full-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('fills a small disk to the last byte, and makes room again', async (context) => {
  const mount = (...options: string[]) =>
    execFileSync('mount', [...options, 'tmpfs', folder], { stdio: 'pipe' });
  try {
    mount('-t', 'tmpfs', '-o', 'size=3m');
  } catch (error) {
    if (process.env.POMONA_REQUIRE_ALL === '1') throw error;
    context.skip(`no right to mount a small disk: ${(error as Error).message.split('\n')[0]}`);
  }
  try {
    await checkMayFill(folder);
    const file = join(folder, 'one-byte');
    const makeRoom = await fillDisk(folder);
    await expect(writeFile(file, 'x')).rejects.toMatchObject({ code: 'ENOSPC' });
    await makeRoom();
    await writeFile(file, 'x');
    mount('-o', 'remount,size=2g');
    await expect(checkMayFill(folder)).rejects.toMatchObject({ code: 'config-invalid' });
  } finally {
    execFileSync('umount', ['-l', folder]);
  }
});
