import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UploadFolder } from './upload-folder.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'uploads-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const { signal } = new AbortController();

describe('the folder of uploads', () => {
  it('says that it could not be written where it cannot be made, and does not blame the sender', async () => {
    await writeFile(join(data, 'uploads'), 'a file');
    const received = new UploadFolder(data).receive(Readable.from(['PK']), signal);
    await expect(received).rejects.toMatchObject({ code: 'dataset-not-written' });
  });

  it('says so too where an archive has no room to be unpacked', async () => {
    const { unpack } = await new UploadFolder(data).receive(Readable.from(['PK']), signal);
    await rm(join(data, 'uploads'), { recursive: true });
    await expect(unpack()).rejects.toMatchObject({ code: 'dataset-not-written' });
  });
});
