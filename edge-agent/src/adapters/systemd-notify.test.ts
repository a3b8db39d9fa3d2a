import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemdNotify } from './systemd-notify.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pomona-notify-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in `systemd-notify` that writes down how it was called. */
function install(code: number): void {
  const script = `#!/bin/sh\necho "$#:$*@$NOTIFY_SOCKET" >> '${folder}/said'\nexit ${code}\n`;
  writeFileSync(join(folder, 'systemd-notify'), script, { mode: 0o755 });
}

describe('systemdNotify', () => {
  it('gives the program the word and the socket', async () => {
    install(0);
    await systemdNotify({ PATH: folder, NOTIFY_SOCKET: '/run/notify' })('READY=1');
    expect(readFileSync(join(folder, 'said'), 'utf8')).toBe('1:READY=1@/run/notify\n');
  });

  it('rejects when the program fails or is not installed', async () => {
    const notify = systemdNotify({ PATH: folder, NOTIFY_SOCKET: '/run/notify' });
    await expect(notify('READY=1')).rejects.toThrow(/ENOENT/);
    install(1);
    await expect(notify('READY=1')).rejects.toThrow(/Command failed/);
  });
});
