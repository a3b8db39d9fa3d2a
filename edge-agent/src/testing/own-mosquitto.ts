/** A Mosquitto of a test's own, with nothing kept on disk: TLS with certificates both ways as a station's broker has it, or neither as a broker at the line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const program = '/usr/sbin/mosquitto';
export const isMosquittoInstalled = existsSync(program);

const startsWithinMs = 10_000;

export interface BrokerPlan {
  readonly folder: string;
  readonly port: number;
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca: string };
}

export interface OwnMosquitto {
  /** Resolves when it has ended, by SIGKILL. */
  kill(): Promise<void>;
  /** SIGSTOP: its connections stand, and what is sent to it waits in its sockets. */
  hang(): void;
  goOn(): void;
}

/** Resolves when the port answers. */
export async function startOwnMosquitto({ folder, port, tls }: BrokerPlan): Promise<OwnMosquitto> {
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const settings = [
    `listener ${port} 127.0.0.1`,
    ...(tls === undefined
      ? ['allow_anonymous true']
      : [
          `cafile ${file('ca.pem', tls.ca)}`,
          `certfile ${file('server.pem', tls.cert)}`,
          `keyfile ${file('server.key', tls.key)}`,
          ...['require_certificate true', 'use_identity_as_username true', 'allow_anonymous false'],
        ]),
    'persistence false',
    // It would change to a user who cannot read a temporary folder of root's.
    ...(process.getuid?.() === 0 ? ['user root'] : []),
  ];
  const child = spawn(program, ['-c', file('mosquitto.conf', `${settings.join('\n')}\n`)], {
    stdio: 'ignore',
  });
  const exited = once(child, 'exit');
  for (const deadline = performance.now() + startsWithinMs; !(await answers(port)); await pause(20)) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error('mosquitto did not begin to listen');
  }
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    hang: () => void child.kill('SIGSTOP'),
    goOn: () => void child.kill('SIGCONT'),
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
