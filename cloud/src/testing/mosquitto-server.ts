/** Mosquitto from the files that `pomona broker mosquitto` wrote. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { eventually } from './test-control-plane.ts';

const program = '/usr/sbin/mosquitto';
export const isMosquittoInstalled = existsSync(program);

const startsWithinMs = 10_000;

export interface RunningMosquitto {
  /** Resolves when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Has it read its lists and passwords again. */
  reload(): void;
}

/** Once per folder. */
export function prepareMosquitto(folder: string, passwords: ReadonlyMap<string, string>): void {
  for (const [user, password] of passwords)
    execFileSync('mosquitto_passwd', ['-b', join(folder, 'readers.passwd'), user, password]);
  // It would change to a user who cannot read a temporary folder of root's.
  if (process.getuid?.() === 0) appendFileSync(join(folder, 'mosquitto.conf'), 'user root\n');
}

export function forgetPassword(folder: string, user: string): void {
  execFileSync('mosquitto_passwd', ['-D', join(folder, 'readers.passwd'), user]);
}

/** Resolves when `port` answers. */
export async function startMosquitto(folder: string, port: number): Promise<RunningMosquitto> {
  const child = spawn(program, ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    return answers(port);
  }, startsWithinMs);
  return {
    stop: async (signal = 'SIGTERM') => {
      child.kill(signal);
      await exited;
    },
    reload: () => void child.kill('SIGHUP'),
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
