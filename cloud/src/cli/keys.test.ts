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

it('keeps who changed the keys, when and why, also what was refused', async () => {
  const data = join(folder, 'data');
  const ann = await makeKeyPair(join(folder, 'ann'));
  await keys('init', '--data', data, '--reason', 'a new packhouse');
  const add = ['--add', `${ann.file}.pub`, '--threshold', '2'];
  await keys('rotate', 'root', ...add, '--reason', 'no key of root alone', '--data', data);
  await expect(
    keys('rotate', 'root', '--new', '--reason', 'in a hurry', '--data', data),
  ).rejects.toMatchObject({ code: 'trust-plan-waiting' });
  await keys('sign', '--key', ann.file, '--reason', 'I looked at it', '--data', data);
  await keys('rotate', 'targets', '--only', '--new', '--reason', 'the disk was sold', '--data', data);
  printed = '';
  await keys('log', '--json', '--data', data);
  const id = ann.keyId.slice(0, 12);
  const by = expect.stringMatching(/^local(:.+)?$/);
  const detail = (text: string) => expect.stringContaining(text);
  expect(JSON.parse(printed)).toMatchObject([
    { actor: by, action: 'rotate targets', reason: 'the disk was sold', detail: detail('targets: +') },
    { actor: by, action: 'sign', reason: 'I looked at it', detail: detail(`by ${id}: `) },
    { action: 'rotate root: refused', reason: 'in a hurry', detail: detail('waits for signatures already') },
    { action: 'rotate root', reason: 'in a hurry' },
    { action: 'rotate root', reason: 'no key of root alone', detail: `root: +${id} 2 must sign` },
    { actor: by, action: 'init', reason: 'a new packhouse' },
  ]);
});
