import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DataFolderFiles } from './served-files.ts';

let folder: string;
let files: DataFolderFiles;
const digest = 'ab'.repeat(32);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-files-'));
  mkdirSync(join(folder, 'blobs'));
  writeFileSync(join(folder, 'secret'), 'secret');
  writeFileSync(join(folder, 'blobs', digest), 'hello world');
  const metadata = new Map([['1.root.json', Buffer.from('{"root":1}')]]);
  files = new DataFolderFiles(join(folder, 'blobs'), async (name) => metadata.get(name));
});
afterEach(async () => {
  await files.close();
  rmSync(folder, { recursive: true });
});

const textAt = async (path: string, offset: number, length: number) => {
  const part = await files.read(path, offset, length);
  return part && [Buffer.from(part.bytes).toString(), part.totalBytes];
};

it('reads parts of blobs and metadata, and nothing at or beyond the end', async () => {
  expect(await textAt(`blobs/${digest}`, 0, 5)).toEqual(['hello', 11]);
  expect(await textAt(`blobs/${digest}`, 6, 50)).toEqual(['world', 11]);
  expect(await textAt(`blobs/${digest}`, 11, 5)).toEqual(['', 11]);
  expect(await textAt(`blobs/${digest}`, 2 ** 52, 5)).toEqual(['', 11]);
  expect(await textAt('metadata/1.root.json', 1, 6)).toEqual(['"root"', 10]);
});

it.each([
  '../secret',
  'blobs/../secret',
  'blobs/../../secret',
  `blobs/${digest}/../../secret`,
  'metadata/../secret',
  'metadata/..',
  '/etc/passwd',
  'secret',
  '',
  'blobs/',
  `blobs/${digest.toUpperCase()}`,
  `blobs/${digest}\0`,
  `blobs/${'cd'.repeat(32)}`,
])('has nothing at %j', async (path) => {
  expect(await files.read(path, 0, 10)).toBeUndefined();
});

it('keeps a bounded number of files open, whichever are read', async () => {
  const names = Array.from({ length: 100 }, (_, i) => i.toString(16).padStart(64, '0'));
  for (const name of names) writeFileSync(join(folder, 'blobs', name), name);
  for (let turn = 0; turn < 2; turn++) {
    const parts = await Promise.all(names.map((name) => files.read(`blobs/${name}`, 0, 64)));
    expect(parts.map((part) => Buffer.from(part!.bytes).toString())).toEqual(names);
  }
  if (process.platform === 'linux') expect(openBlobs()).toBeLessThanOrEqual(32);
});

function openBlobs(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => `/proc/self/fd/${fd}`);
  // The listing's own descriptor is closed by now.
  return links.filter((link) => existsSync(link) && readlinkSync(link).startsWith(join(folder, 'blobs')))
    .length;
}

it('finds a blob that came after it was asked for in vain', async () => {
  const late = 'ef'.repeat(32);
  expect(await textAt(`blobs/${late}`, 0, 5)).toBeUndefined();
  symlinkSync(join(folder, 'blobs', digest), join(folder, 'blobs', late));
  expect(await textAt(`blobs/${late}`, 0, 5)).toEqual(['hello', 11]);
});
