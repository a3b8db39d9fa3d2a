import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addToKeyLog, keyLogFile, readKeyLog } from './key-log.ts';

it('keeps every entry in turn, those around a line that a power cut tore too, for its owner alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pomona-key-log-'));
  const entry = (action: string) => ({
    at: '2026-11-30T09:00:00.000Z',
    actor: 'ann',
    action,
    reason: 'new',
    detail: '',
  });
  expect(await readKeyLog(folder)).toEqual([]);
  await addToKeyLog(folder, entry('init'));
  await addToKeyLog(folder, entry('rotate root'));
  await appendFile(join(folder, keyLogFile), '\n{"at":"2026-1');
  await addToKeyLog(folder, entry('sign'));
  expect((await readKeyLog(folder)).map(({ action }) => action)).toEqual(['init', 'rotate root', 'sign']);
  expect((await stat(join(folder, keyLogFile))).mode & 0o777).toBe(0o600);
  await rm(folder, { recursive: true });
});
