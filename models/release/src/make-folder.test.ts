import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync } from './make-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([
  ['makeFolder', makeFolder],
  ['makeFolderSync', async (path: string, mode?: number) => makeFolderSync(path, mode)],
])('%s', (name, make) => {
  it('makes it with those above it, of that mode, and leaves one that is there', async () => {
    const path = join(folder, name, 'a', 'b');
    await make(path, 0o700);
    expect([path, join(path, '..')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
    writeFileSync(join(path, 'kept'), '');
    await make(path);
    expect(existsSync(join(path, 'kept'))).toBe(true);
    await make('/');
    await Promise.all([1, 2, 3].map(() => make(join(folder, name, 'at', 'once'))));
  });

  it('says what is in the way', async () => {
    const file = join(folder, `${name}.txt`);
    writeFileSync(file, '');
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(file, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    const link = join(folder, `${name}.link`);
    symlinkSync(join(folder, 'nowhere'), link);
    await expect(make(link)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it.skipIf(process.platform !== 'linux')('comes back where nothing can be made', async () => {
    await expect(make('/proc/pomona')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(make('/proc/self/pomona/data')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
