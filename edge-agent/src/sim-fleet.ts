/** Many simulated stations in one process, moved by what `sim-main.ts` is told. */
import { once } from 'node:events';
import { get } from 'node:https';
import type { Claim, Random, SimFigures } from '@pomona/wire';
import { connectAsync } from 'mqtt';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { enrolSimulated, type SimIdentity } from './sim-enrol.ts';
import { SimStation } from './sim-station.ts';

/** Handshakes under way: a control plane takes them one after the other, and each has a deadline. */
const connectingMax = 32;
const enrollingMax = 8;
const stoppingMax = 64;
const tickMs = 50;
/** Flat out: so much waits in a station that its sender never waits for more. */
const backlogRecords = 1_500;
const upPollMs = 20;

export interface SimFleetOptions {
  readonly folder: string;
  readonly version: string;
  readonly random: Random;
  readonly onTrouble: (code: string, message: string) => void;
}

export class SimFleet {
  readonly #options: SimFleetOptions;
  readonly #stopping = new AbortController();
  readonly #stations: SimStation[] = [];
  #identities: readonly SimIdentity[] = [];
  /** What is under way, so that nothing of it begins after the end. */
  #work: Promise<unknown> = Promise.resolve();
  #enrolled = 0;
  #timer: NodeJS.Timeout | undefined;
  #lastMs = 0;
  #owed = 0;
  #turn = 0;

  constructor(options: SimFleetOptions) {
    this.#options = options;
  }

  async enrol(claims: readonly Claim[]): Promise<void> {
    const { random, onTrouble } = this.#options;
    const { signal } = this.#stopping;
    const onWaiting = (message: string): void => onTrouble('enrolment-waits', message);
    this.#identities = await this.#under(claims, enrollingMax, async (claim, index) => {
      const identity = await enrolSimulated(claim, index, random, signal, onWaiting);
      this.#enrolled++;
      return identity;
    });
  }

  /** Resolves with the milliseconds until all were connected once. */
  async connect(): Promise<number> {
    const fromMs = systemScheduler.monotonicMs();
    await this.#under(this.#identities, connectingMax, async (identity) => {
      const station = new SimStation({ ...identity, ...this.#options });
      this.#stations.push(station);
      await station.start();
      await until(() => station.isUp, this.#stopping.signal);
    });
    return systemScheduler.monotonicMs() - fromMs;
  }

  /**
   * The same identities at a broker of no other use, as a measure of what TLS and MQTT alone take. Resolves with the
   * milliseconds until all were connected.
   */
  async connectBare(url: string): Promise<number> {
    const fromMs = systemScheduler.monotonicMs();
    const clients = await this.#under(this.#identities, connectingMax, ({ identity, privateKeyPem: key }) =>
      connectAsync(url, {
        ...{ key, cert: identity.certificatePem, ca: identity.caPem },
        ...{ clientId: identity.station, protocolVersion: 4, reconnectPeriod: 0 },
      }),
    );
    const tookMs = systemScheduler.monotonicMs() - fromMs;
    await inTurns(clients, stoppingMax, (client) => client.endAsync(true));
    return tookMs;
  }

  /** What HTTPS alone takes for a file to all at once; resolves with the milliseconds until all had it. */
  async fetch(url: string, bytes: number): Promise<number> {
    const fromMs = systemScheduler.monotonicMs();
    await this.#under(this.#identities, this.#identities.length, async ({ identity }) => {
      const request = get(url, { ca: identity.caPem, agent: false });
      const [response] = (await once(request, 'response')) as [AsyncIterable<Buffer>];
      let came = 0;
      for await (const part of response) came += part.byteLength;
      if (came !== bytes) throw new Error(`${came} of ${bytes} bytes came from ${url}`);
    });
    return systemScheduler.monotonicMs() - fromMs;
  }

  /** Fruits per second of all stations together; `flat-out`: as fast as they are acknowledged; 0: none. */
  grade(fruitsPerS: number | 'flat-out'): void {
    clearInterval(this.#timer);
    this.#owed = 0;
    this.#lastMs = systemScheduler.monotonicMs();
    if (fruitsPerS === 0) return;
    this.#timer = setInterval(
      () => (fruitsPerS === 'flat-out' ? this.#fill() : this.#gradeAt(fruitsPerS)),
      fruitsPerS === 'flat-out' ? tickMs / 5 : tickMs,
    );
  }

  /** May be called twice, also while an order is carried out: that one is given up. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new Error('the simulation stops'));
    await this.#work;
    await inTurns(this.#stations, stoppingMax, (station) => station.stop());
  }

  figures(): SimFigures {
    const active: Record<string, number> = {};
    const updates: Record<string, number> = {};
    const sum = { made: 0, acknowledged: 0, waiting: 0, dropped: 0 };
    for (const station of this.#stations) {
      const release = station.active;
      if (release !== undefined) count(active, `${release.name}@${release.version}`);
      count(updates, station.updateState);
      const figures = station.figures;
      for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name];
    }
    return {
      atMs: systemScheduler.monotonicMs(),
      enrolled: this.#enrolled,
      connected: this.#stations.filter(({ isUp }) => isUp).length,
      ...{ active, updates, ...sum },
      rssMb: process.memoryUsage.rss() / 1e6,
    };
  }

  /** As `inTurns`, until the fleet stops. */
  #under<T, R>(
    values: readonly T[],
    atOnce: number,
    work: (value: T, index: number) => Promise<R>,
  ): Promise<R[]> {
    const { signal } = this.#stopping;
    const done = inTurns(values, atOnce, (value, index) => {
      signal.throwIfAborted();
      return work(value, index);
    });
    this.#work = done.catch(() => undefined);
    return done;
  }

  #fill(): void {
    for (const station of this.#stations)
      station.grade(Math.max(0, backlogRecords - station.figures.waiting));
  }

  /** Each station gets its share; what is less than a fruit each goes round. */
  #gradeAt(fruitsPerS: number): void {
    const nowMs = systemScheduler.monotonicMs();
    this.#owed += ((nowMs - this.#lastMs) * fruitsPerS) / 1_000;
    this.#lastMs = nowMs;
    const stations = this.#stations.length;
    const due = Math.floor(this.#owed);
    this.#owed -= due;
    for (let i = 0; i < Math.min(due, stations); i++) {
      const share = Math.floor(due / stations) + (i < due % stations ? 1 : 0);
      this.#stations[(this.#turn + i) % stations]!.grade(share);
    }
    if (stations > 0) this.#turn = (this.#turn + due) % stations;
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

async function until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
  while (!isSo()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, upPollMs));
  }
}

/** Maps with at most `atOnce` under way. Settles when nothing is under way any more. */
async function inTurns<T, R>(
  values: readonly T[],
  atOnce: number,
  work: (value: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let i = next++; i < values.length; i = next++) results[i] = await work(values[i]!, i);
  };
  // All of them: what others have begun when one fails goes on meanwhile.
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results;
}
