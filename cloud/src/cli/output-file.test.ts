import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, expect, it } from 'vitest';
import { outputStream, writeOutput } from './output-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'pomona-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('writes whole files and streams', async () => {
  const [whole, bits] = [join(folder, 'whole.csv'), join(folder, 'bits.csv')];
  await writeOutput(whole, 'a,b\n');
  await pipeline(Readable.from(['a', ',b\n']), await outputStream(bits));
  expect([whole, bits].map((file) => readFileSync(file, 'utf8'))).toEqual(['a,b\n', 'a,b\n']);
});

it('says what to do where the folder is missing', async () => {
  const file = join(folder, 'missing', 'out.csv');
  const refusal = { code: 'file-unwritable', hint: expect.stringContaining('a folder that is there') };
  await expect(writeOutput(file, '')).rejects.toMatchObject(refusal);
  await expect(outputStream(file)).rejects.toMatchObject(refusal);
});
