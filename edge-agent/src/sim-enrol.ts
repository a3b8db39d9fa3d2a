/** Enrols simulated stations, each with a key of its own that never leaves this process. */
import { generateKeyPairSync } from 'node:crypto';
import { type Claim, isAppError, type Random } from '@pomona/wire';
import { sendEnrolment } from './adapters/https-enrolment.ts';
import { signingRequest } from './adapters/signing-request.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { backoff } from './domain/backoff.ts';
import type { Identity } from './domain/identity.ts';
import { wait } from './use-cases/scheduler.ts';

const retry = { firstMs: 2_000, maxMs: 8_000 };
const loopback = /^127\./;

export interface SimIdentity {
  readonly identity: Identity;
  readonly privateKeyPem: string;
}

/**
 * Enrolment is limited by address. On the loopback each station has one of its own in 127.1.0.0/16, which Linux answers to
 * unasked; elsewhere all come from one, and those that are refused for now try again until they are let in.
 */
export async function enrolSimulated(
  claim: Claim,
  index: number,
  random: Random,
  signal: AbortSignal,
  onWaiting: (message: string) => void,
): Promise<SimIdentity> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const request = { token: claim.token, csrPem: signingRequest(claim.station, privateKey) };
  const ownAddress = hasOwnAddresses(claim) ? { localAddress: `127.1.${index >> 8}.${index & 255}` } : {};
  for (const pauseMs of backoff(retry, random)) {
    signal.throwIfAborted();
    try {
      const identity = await sendEnrolment(claim, request, ownAddress);
      const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
      return { identity, privateKeyPem };
    } catch (error) {
      if (!isAppError(error) || !error.retryable) throw error;
      onWaiting(error.message);
    }
    await wait(systemScheduler, pauseMs, signal);
  }
  throw new Error('unreachable: a backoff never ends');
}

export function hasOwnAddresses({ url }: Claim): boolean {
  return process.platform === 'linux' && loopback.test(new URL(url).hostname);
}
