import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@pomona/wire';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('refuses a second holder, naming the first and since when, until it lets go', async () => {
  const lock = await lockFolder(folder, systemClock);
  const error = await lockFolder(folder, systemClock).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'data-folder-in-use' });
  expect(String(error)).toMatch(new RegExp(`process ${process.pid} since \\d{4}-`));
  lock.release();
  (await lockFolder(folder, systemClock)).release();
});

it('takes over at once from a process that was killed', async () => {
  const program = `
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(process.argv[1]);
    db.exec('begin immediate');
    console.log('locked');
    setInterval(() => {}, 1000);`;
  const args = ['--input-type=module', '-e', program, join(folder, 'control-plane.lock')];
  const cwd = new URL('../..', import.meta.url);
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  await expect(lockFolder(folder, systemClock)).rejects.toMatchObject({ code: 'data-folder-in-use' });
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockFolder(folder, systemClock)).release();
});
