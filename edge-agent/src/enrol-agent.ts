/** Wires an enrolment together, by itself or as the first thing that an agent does. */
import { readClaim, type StationConfig } from '@pomona/firmware-config';
import { AppError, isAppError, type Random } from '@pomona/wire';
import type { Logger } from 'pino';
import { takeDataFolder } from './adapters/data-folder.ts';
import { sendEnrolment } from './adapters/https-enrolment.ts';
import { openIdentityStore } from './adapters/identity-store.ts';
import { backoff } from './domain/backoff.ts';
import type { Identity } from './domain/identity.ts';
import { enrol } from './use-cases/enrol.ts';
import { type Scheduler, wait } from './use-cases/scheduler.ts';

const enrolRetry = { firstMs: 2_000, maxMs: 300_000 };

export interface AgentDeps {
  readonly log: Logger;
  readonly version: string;
  /** Ends the waiting for an enrolment; a running agent is ended by `stop`. */
  readonly signal?: AbortSignal;
  /** Of the process, where a service manager says how it is to be told that the agent is alive. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Enrols the station when it is not, or `again`. Throws an `AppError` that says what to do. */
export async function enrolAgent(config: StationConfig, { log }: AgentDeps, again = false): Promise<void> {
  const folder = takeDataFolder(config.dataDir);
  try {
    await enrolNow(config, log, again);
  } finally {
    folder.release();
  }
}

async function enrolNow(config: StationConfig, log: Logger, again = false): Promise<Identity> {
  const store = openIdentityStore(config.dataDir);
  const { identity, fresh } = await enrol(
    { site: config.site, line: config.line, station: config.station },
    { store, send: sendEnrolment, readClaim: () => readClaim(config), again },
  );
  log.info({ station: identity.station }, fresh ? 'enrolled' : 'enrolled already');
  return identity;
}

/** A control plane that is not there yet is waited for: a board may be switched on before the network is. */
export async function enrolPatiently(
  config: StationConfig,
  { log, signal = new AbortController().signal }: AgentDeps,
  scheduler: Scheduler,
  random: Random,
): Promise<Identity> {
  for (const pauseMs of backoff(enrolRetry, random)) {
    try {
      return await enrolNow(config, log);
    } catch (error) {
      if (!isAppError(error) || !error.retryable) throw error;
      log.warn({ code: error.code, hint: error.hint }, error.message);
    }
    await wait(scheduler, pauseMs, signal);
  }
  throw new AppError('enrol-unreachable', 'the station could not be enrolled', {
    hint: 'Start the agent again.',
  });
}
