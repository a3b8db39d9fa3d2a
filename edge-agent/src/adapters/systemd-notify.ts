/** Node has no datagram sockets of the Unix kind: `systemd-notify` is spawned, and finds the service manager's socket. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const timeoutMs = 5_000;

/** `environment` holds `NOTIFY_SOCKET` and `PATH`. Rejects when the program is not there, fails or does not end in time. */
export function systemdNotify(environment: NodeJS.ProcessEnv): (word: string) => Promise<void> {
  return async (word) => {
    await run('systemd-notify', [word], { env: environment, timeout: timeoutMs });
  };
}
