import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKeyPair, readPublicKeyFile } from '@pomona/release';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keysCommand, openTrust } from './keys.ts';

let folder: string;
let printed: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pomona-keys-'));
  printed = '';
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
});
afterEach(() => {
  vi.restoreAllMocks();
  return rm(folder, { recursive: true });
});

const keys = (...words: string[]) => keysCommand().parseAsync(words, { from: 'user' });

it('shows a copy of what waits without a key, and signs it with one', async () => {
  const data = join(folder, 'data');
  const ann = await makeKeyPair(join(folder, 'ann'));
  const trust = await openTrust(data);
  const add = [await readPublicKeyFile(`${ann.file}.pub`)];
  await trust.changeRoles([{ role: 'root', add, remove: [], threshold: 2 }]);
  const copy = join(folder, 'copy.json');
  await copyFile(join(data, 'keys', 'waiting-change.json'), copy);
  const before = await readFile(copy);
  await keys('sign', copy);
  expect(printed).toMatch(new RegExp(`^root: then 2 of [0-9a-f]{64}, ${ann.keyId}$`, 'm'));
  expect(printed).toContain('nothing is signed');
  expect((await readFile(copy)).equals(before)).toBe(true);
  await keys('sign', copy, '--key', ann.file);
  await keys('apply', copy, '--data', data);
  expect((await trust.state()).waiting).toBeNull();
});
