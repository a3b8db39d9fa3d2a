import type { AddressInfo, Server } from 'node:net';
import { AppError, systemErrorCode } from '@pomona/wire';

export interface Listening {
  readonly port: number;
  readonly host: string;
  /** What it is for, and the option that changes it: named when the port cannot be had. */
  readonly purpose: string;
  readonly flag: string;
}

/** Resolves with the port; 0 asks for a free one. Errors: `port-in-use`, `port-not-allowed`. */
export async function listen(server: Server, options: Listening): Promise<number> {
  const { port, host } = options;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ port, host }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw asPortError(error, options);
  }
  return (server.address() as AddressInfo).port;
}

export function asPortError(error: unknown, { port, host, purpose, flag }: Listening): unknown {
  const code = systemErrorCode(error);
  if (code === 'EADDRINUSE') {
    return new AppError('port-in-use', `port ${port} for ${purpose} is used by another program`, {
      hint: `End that program, or choose another port with ${flag} (0 takes a free one).`,
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return new AppError('port-not-allowed', `cannot listen on ${host}:${port} for ${purpose}`, {
      hint: `Choose an address of this machine and a port above 1023 with ${flag}.`,
      cause: error,
    });
  }
  return error;
}
