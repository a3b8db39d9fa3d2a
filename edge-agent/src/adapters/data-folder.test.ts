import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeDataFolder } from './data-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-folder-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(dataDir: string): unknown {
  try {
    takeDataFolder(dataDir);
  } catch (error) {
    return error;
  }
  throw new Error('it was taken');
}

describe('takeDataFolder', () => {
  it('makes the folder and lets nobody else have it until it is released', () => {
    const dataDir = join(folder, 'a/b');
    const first = takeDataFolder(dataDir);
    expect(failure(dataDir)).toMatchObject({
      code: 'data-folder-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    first.release();
    takeDataFolder(dataDir).release();
  });

  it('says when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(failure(join(folder, 'file/data'))).toMatchObject({ code: 'data-folder-not-writable' });
    writeFileSync(join(folder, 'agent.lock'), 'not a database'.repeat(100));
    expect(failure(folder)).toMatchObject({ code: 'data-folder-not-writable' });
  });
});
