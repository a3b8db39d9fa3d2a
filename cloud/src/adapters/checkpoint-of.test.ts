import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkpointOf } from './checkpoint-of.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-checkpoints-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is the same file for the same training alone, and is there only for one that goes on', async () => {
  const path = await checkpointOf(folder, { digest: 'a', seed: 1 }, true);
  expect(await checkpointOf(folder, { digest: 'a', seed: 2 }, true)).not.toBe(path);
  writeFileSync(path, 'half');
  expect(await checkpointOf(folder, { digest: 'a', seed: 1 }, true)).toBe(path);
  expect(existsSync(path)).toBe(true);
  await checkpointOf(folder, { digest: 'a', seed: 1 }, false);
  expect(existsSync(path)).toBe(false);
});

it('keeps eight of others, the newest', async () => {
  for (let at = 1; at <= 10; at++) {
    writeFileSync(join(folder, `other-${at}`), '');
    utimesSync(join(folder, `other-${at}`), at, at);
  }
  await checkpointOf(folder, { seed: 1 }, true);
  expect(readdirSync(folder)).toHaveLength(8);
  expect(existsSync(join(folder, 'other-2'))).toBe(false);
});
