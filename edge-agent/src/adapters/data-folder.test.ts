import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { takeDataFolder } from './data-folder.ts';
import { memoryFolderOf } from './memory-folder.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-folder-'));
  mkdirSync(join(folder, 'shm'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function failure(dataDir: string, memoryDir = join(folder, 'shm')): unknown {
  try {
    takeDataFolder(dataDir, memoryDir);
  } catch (error) {
    return error;
  }
  throw new Error('it was taken');
}

describe('takeDataFolder', () => {
  it('makes the folder and lets nobody else have it until it is released', () => {
    const dataDir = join(folder, 'a/b');
    const first = takeDataFolder(dataDir, join(folder, 'shm'));
    expect(failure(dataDir)).toMatchObject({
      code: 'data-folder-in-use',
      message: expect.stringContaining(`process ${process.pid}`),
    });
    first.release();
    takeDataFolder(dataDir, join(folder, 'shm')).release();
  });

  it('lets nobody else have it who sees the other of its two locks', () => {
    const [dataDir, memoryDir] = [join(folder, 'data'), join(folder, 'shm')];
    const first = takeDataFolder(dataDir, memoryDir);
    rmSync(join(dataDir, 'agent.lock'));
    expect(failure(dataDir)).toMatchObject({ code: 'data-folder-in-use' });
    first.release();
    const second = takeDataFolder(dataDir, memoryDir);
    // As in a container with a memory of its own.
    expect(failure(dataDir, join(folder, 'none'))).toMatchObject({ code: 'data-folder-in-use' });
    second.release();
    takeDataFolder(dataDir, join(folder, 'none')).release();
  });

  it.skipIf(process.getuid?.() !== 0)('stays taken when a disk that could only be read is mended', () => {
    const [dataDir, memoryDir] = [join(folder, 'data'), join(folder, 'shm')];
    mkdirSync(dataDir);
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', dataDir]);
    try {
      const remount = (as: 'ro' | 'rw') => execFileSync('mount', ['-o', `remount,${as}`, dataDir]);
      remount('ro');
      const first = takeDataFolder(dataDir, memoryDir);
      expect(failure(dataDir)).toMatchObject({ code: 'data-folder-in-use' });
      remount('rw');
      expect(failure(dataDir)).toMatchObject({ code: 'data-folder-in-use' });
      first.release();
      takeDataFolder(dataDir, memoryDir).release();
      remount('ro');
      takeDataFolder(dataDir, memoryDir).release();
    } finally {
      execFileSync('umount', ['-l', dataDir]);
    }
  });

  it('does without the memory of another user where the disk can be written', () => {
    const memoryDir = join(folder, 'shm');
    const dataDir = join(folder, 'data');
    // Open to everybody, it is as good as somebody else's.
    mkdirSync(`${memoryFolderOf(dataDir, memoryDir)}-lock`);
    chmodSync(`${memoryFolderOf(dataDir, memoryDir)}-lock`, 0o777);
    const first = takeDataFolder(dataDir, memoryDir);
    expect(failure(dataDir)).toMatchObject({ code: 'data-folder-in-use' });
    first.release();
  });

  it('says when it cannot be written', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(failure(join(folder, 'file/data'))).toMatchObject({ code: 'data-folder-not-writable' });
    if (process.platform === 'linux')
      expect(failure('/proc/pomona/data')).toMatchObject({ code: 'data-folder-not-writable' });
    writeFileSync(join(folder, 'agent.lock'), 'not a database'.repeat(100));
    expect(failure(folder)).toMatchObject({ code: 'data-folder-not-writable' });
  });
});
