import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@pomona/wire';
import { expect, it } from 'vitest';
import { writeMosquittoFolder } from './mosquitto-folder.ts';

it('tells whose passwords are left of readers that were removed, and keeps them all', async () => {
  const dataFolder = await mkdtemp(join(tmpdir(), 'pomona-mosquitto-folder-'));
  const out = join(dataFolder, 'broker');
  const write = (...users: string[]) => {
    const readers = users.map((user) => ({ user, channels: ['grades'] as const }));
    const plan = { dataFolder, out, hosts: ['localhost'], port: 8883, readerPort: 8884, readers };
    return writeMosquittoFolder(plan, systemClock);
  };
  try {
    expect(await write('erp', 'scale')).toEqual([]);
    const passwords = 'erp:$7$101$salt$hash\nscale:$7$101$salt$hash\n';
    await writeFile(join(out, 'readers.passwd'), passwords);
    expect(await write('erp', 'scale')).toEqual([]);
    expect(await write('scale')).toEqual(['erp']);
    expect(await readFile(join(out, 'readers.acl'), 'utf8')).not.toContain('erp');
    expect(await readFile(join(out, 'readers.passwd'), 'utf8')).toBe(passwords);
  } finally {
    await rm(dataFolder, { recursive: true });
  }
});
