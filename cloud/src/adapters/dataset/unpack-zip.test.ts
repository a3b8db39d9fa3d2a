import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import type { AppError } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeZip, type ZipFile } from '../../testing/write-zip.ts';
import { type UnpackLimits, unpackLimits, unpackZip } from './unpack-zip.ts';
import { UploadFolder } from './upload-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'zip-'));
  await mkdir(join(folder, 'in'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function unpack(bytes: Uint8Array, limits: Partial<UnpackLimits> = {}): Promise<string> {
  await writeFile(join(folder, 'a.zip'), bytes);
  const signal = new AbortController().signal;
  return unpackZip(join(folder, 'a.zip'), join(folder, 'in'), signal, { ...unpackLimits, ...limits });
}

async function refusal(bytes: Uint8Array, limits: Partial<UnpackLimits> = {}): Promise<string> {
  try {
    await unpack(bytes, limits);
  } catch (error) {
    return `${(error as AppError).code}: ${(error as Error).message}`;
  }
  return 'unpacked';
}

const file = (name: string, text = 'x', more: Partial<ZipFile> = {}): ZipFile => ({
  name,
  bytes: Buffer.from(text),
  ...more,
});

describe('a ZIP file', () => {
  it('is unpacked with its folders, without what programs leave in it', async () => {
    const names = [
      'good/1.jpg',
      'bad/deep/ü.jpg',
      '__MACOSX/good/._1.jpg',
      'good/.DS_Store',
      'good/Thumbs.db',
    ];
    const root = await unpack(writeZip([file('good/', ''), ...names.map((name) => file(name, name))]));
    expect(root).toBe(join(folder, 'in'));
    expect((await readdir(root, { recursive: true })).sort()).toEqual(
      ['bad', 'bad/deep', 'bad/deep/ü.jpg', 'good', 'good/1.jpg'].sort(),
    );
    expect(await readFile(join(root, 'bad/deep/ü.jpg'), 'utf8')).toBe('bad/deep/ü.jpg');
  });

  it('may hold the folder itself, and a folder of one grade stays one', async () => {
    const inside = await unpack(writeZip([file('photos/index.csv'), file('photos/1.jpg')]));
    expect(relative(folder, inside)).toBe('in/photos');
    await rm(join(folder, 'in'), { recursive: true });
    await mkdir(join(folder, 'in'));
    expect(relative(folder, await unpack(writeZip([file('good/1.jpg'), file('good/2.jpg')])))).toBe('in');
  });

  it.each([
    ['../out.jpg', /^zip-invalid: .*\.\./],
    ['good/../../out.jpg', /^zip-invalid: .*\.\./],
    ['/tmp/out.jpg', /^zip-invalid: .*absolute/],
    ['C:/out.jpg', /^zip-invalid: .*absolute/],
    ['..\\out.jpg', /^zip-invalid: .*\.\./],
    ['good/a\u0000b.jpg', /^zip-invalid: .*control characters/],
    [`good/${'a'.repeat(500)}.jpg`, /^zip-invalid: .*too long/],
    [`good/${'a'.repeat(300)}.jpg`, /^zip-invalid: .*too long \(ENAMETOOLONG\)/],
  ])('is refused for the name %j', async (name, expected) => {
    expect(await refusal(writeZip([file(name)]))).toMatch(expected);
    expect((await readdir(folder)).sort()).toEqual(['a.zip', 'in']);
    expect(existsSync('/tmp/out.jpg')).toBe(false);
  });

  it('has the names that it was given, also where it does not say that they are UTF-8', async () => {
    const untold = (bytes: Buffer): ZipFile => ({ ...file(''), nameBytes: bytes });
    await unpack(
      writeZip([
        file('good/told ü.jpg'),
        untold(Buffer.from('good/ä 🍎.jpg')),
        // Code page 437, as old programs on Windows write it.
        untold(Buffer.from('good/\x94l.jpg', 'latin1')),
      ]),
    );
    expect((await readdir(join(folder, 'in', 'good'))).sort()).toEqual(['told ü.jpg', 'ä 🍎.jpg', 'öl.jpg']);
    await rm(join(folder, 'in'), { recursive: true });
    expect(await refusal(writeZip([untold(Buffer.from('../ä.jpg'))]))).toMatch(/^zip-invalid: .*\.\.\/./);
  });

  it('is refused for a link, a special file, and two files of one name', async () => {
    expect(await refusal(writeZip([file('good/l', '/etc', { mode: 0o120777 })]))).toMatch(
      /a link or a special/,
    );
    expect(await refusal(writeZip([file('good/p', '', { mode: 0o010644 })]))).toMatch(/a link or a special/);
    expect(await refusal(writeZip([file('a/1.jpg'), file('a/1.jpg')]))).toMatch(/want one name.*EEXIST/);
  });

  it('is refused when it is too much, or more than it says', async () => {
    const many = writeZip([1, 2, 3].map((i) => file(`good/${i}.jpg`, 'abc')));
    expect(await refusal(many, { filesMax: 2 })).toMatch(/^zip-too-large: .*more than 2 files/);
    await rm(join(folder, 'in'), { recursive: true });
    expect(await refusal(many, { bytesMax: 8 })).toMatch(/^zip-too-large: .*more than 8 bytes/);
    const bomb = { name: 'good/zeros.jpg', bytes: new Uint8Array(3 * 1024 ** 2) };
    expect(await refusal(writeZip([bomb]))).toMatch(/^zip-too-large: .*more than 100 times/);
    expect(await refusal(writeZip([{ ...bomb, claimedBytes: 1_000 }]))).toMatch(
      /^zip-invalid: .*too many bytes/,
    );
    expect(await refusal(writeZip([{ ...bomb, claimedBytes: 90 * 1024 ** 2 }]))).toMatch(/^zip-too-large/);
  });

  it('is refused when it is cut off, or no ZIP file at all', async () => {
    const whole = writeZip([file('good/1.jpg', 'abc')]);
    expect(await refusal(whole.subarray(0, -10))).toMatch(/^zip-invalid: the archive cannot be read/);
    expect(await refusal(Buffer.from('photographs'))).toMatch(/^zip-invalid/);
  });
});

describe('an upload', () => {
  it('is kept while it is used, and nothing is left of one that is too large or breaks off', async () => {
    const place = new UploadFolder(folder, 1_000);
    const { signal } = new AbortController();
    const zip = writeZip([file('good/1.jpg', 'abc')]);
    const received = await place.receive(Readable.from([zip]), signal);
    expect(received.bytes).toBe(zip.length);
    expect(await readFile(join(await received.unpack(), 'good/1.jpg'), 'utf8')).toBe('abc');
    await received.remove();
    const chunks = Readable.from([Buffer.alloc(600), Buffer.alloc(600)]);
    await expect(place.receive(chunks, signal)).rejects.toMatchObject({ code: 'zip-too-large' });
    const broken = new Readable({ read() {} });
    const receiving = place.receive(broken, signal);
    broken.destroy(new Error('the line went dead'));
    await expect(receiving).rejects.toThrow(/the line went dead|[Pp]remature close/);
    expect(await readdir(join(folder, 'uploads'))).toEqual([]);
  });
});
