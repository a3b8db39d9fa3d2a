/** Mosquitto as the broker of a farm, from the files that `pomona broker mosquitto` wrote. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const program = '/usr/sbin/mosquitto';
export const isMosquittoInstalled = existsSync(program);

const startsWithinMs = 10_000;

export interface RunningMosquitto {
  stop(): Promise<void>;
}

/** Resolves when `port` answers. */
export async function startMosquitto(
  folder: string,
  port: number,
  passwords: ReadonlyMap<string, string>,
): Promise<RunningMosquitto> {
  for (const [user, password] of passwords)
    execFileSync('mosquitto_passwd', ['-b', join(folder, 'readers.passwd'), user, password]);
  // It would change to a user who cannot read a temporary folder of root's.
  if (process.getuid?.() === 0) appendFileSync(join(folder, 'mosquitto.conf'), 'user root\n');
  const child = spawn(program, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const deadline = performance.now() + startsWithinMs;
  while (!(await answers(port))) {
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`mosquitto does not answer on ${port}, its exit code is ${child.exitCode}`);
    await pause(50);
  }
  return {
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
