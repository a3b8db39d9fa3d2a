import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { CheckpointFile } from './checkpoint-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pomona-checkpoint-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('gives back what was saved last, until it is removed', async () => {
  const file = new CheckpointFile(join(folder, 'kept', 'one'));
  expect(await file.load()).toBeUndefined();
  await file.save(Uint8Array.of(1));
  await file.save(Uint8Array.of(2, 3));
  expect([...(await file.load())!]).toEqual([2, 3]);
  expect(readdirSync(join(folder, 'kept'))).toEqual(['one']);
  await file.remove();
  expect(readdirSync(join(folder, 'kept'))).toEqual([]);
});

test('leaves no half file where it cannot save', async () => {
  // A folder in the place of the file: all goes well until the rename.
  mkdirSync(join(folder, 'taken', 'one', 'other'), { recursive: true });
  const file = new CheckpointFile(join(folder, 'taken', 'one'));
  await expect(file.save(Uint8Array.of(1))).rejects.toMatchObject({ code: 'checkpoint-unusable' });
  expect(readdirSync(join(folder, 'taken'))).toEqual(['one']);
});
