/**
 * Has a candidate run silently beside the release that grades, as long as that is desired: it is fetched, verified and tested like every
 * release, and then looks at fruit that was decided. Nothing that goes wrong here reaches the line. What it counted is told of
 * every few seconds, all of this boot anew, so that nothing is lost with a message; a start of the agent begins again.
 */
import { canonicalJson, type Manifest } from '@pomona/release';
import { encode, type ReleaseRef, type ShadowReport } from '@pomona/wire';
import { ShadowCounts } from '../domain/shadow-counts.ts';
import type { FromShadow, OfferedFruit, ShadowSetup } from '../domain/shadow-messages.ts';
import { type ShadowWanted, shadowWanted } from '../domain/shadow-wanted.ts';
import type { Work } from '../domain/update-events.ts';
import type { UpdateState } from '../domain/update-state.ts';
import type { Link } from './link.ts';
import type { SamplePacker } from './pack-sample.ts';
import { failureOf } from './run-updates.ts';
import { wait } from './scheduler.ts';
import { doWork, runnableOf, type WorkPorts } from './update-work.ts';

/** A process in which a candidate runs. */
export interface ShadowRun {
  /** With what it says of its end, by itself or as it was told. */
  readonly ended: Promise<string>;
  offered(fruit: OfferedFruit): void;
  /** Fruits for which it had no time. */
  passedOver(): number;
  stop(): Promise<void>;
}

/** Outlives the agent: a candidate whose process ends again and again, or that takes the board down with it, must not do so for ever. */
export interface ShadowStarts {
  /** Counts one more start of the release that was not followed by `well`; on disk when it resolves. */
  count(digest: string): Promise<number>;
  well(): Promise<void>;
}

export interface ShadowPorts extends Omit<WorkPorts, 'onProgress'> {
  readonly open: (setup: ShadowSetup, onMessage: (message: FromShadow) => void) => ShadowRun;
  readonly starts: ShadowStarts;
  readonly samples: Pick<SamplePacker, 'pack'>;
  readonly link: Link;
  readonly boot: string;
  readonly nextSeq: () => number;
  /** What `reported` says has changed. */
  readonly onChange: () => void;
  readonly onTrouble: (code: string, message: string) => void;
  /** How often what was counted is told. */
  readonly tellMs?: number;
}

type Now = Extract<ShadowWanted, { kind: 'now' }>;

const tellMsDefault = 10_000;
const tellFirstMs = 1_000;
/** Who lived for so long does not crash at its start. */
const wellAfterMs = 600_000;
const startsMax = 3;
const stopPatienceMs = 1_500;

export class ShadowRunner {
  readonly #ports: ShadowPorts;
  #key = '';
  #report: ShadowReport | null = null;
  #ending = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #run: ShadowRun | undefined;
  /** Of this boot, as long as the same is compared with the same. */
  #counts: { readonly key: string; readonly counts: ShadowCounts; since: string } | undefined;

  constructor(ports: ShadowPorts) {
    this.#ports = ports;
  }

  reported(): ShadowReport | null {
    return this.#report;
  }

  /** With every change of the update. */
  follow(state: UpdateState): void {
    const wanted = shadowWanted(state);
    const key = JSON.stringify(wanted);
    if (key === this.#key) return;
    this.#key = key;
    this.#ending.abort(new Error('something else is wanted'));
    this.#ending = new AbortController();
    const { signal } = this.#ending;
    switch (wanted.kind) {
      case 'none':
        this.#say(null);
        return;
      case 'later':
        this.#say({ ...named(wanted), state: 'waiting', reason: null });
        return;
      case 'refused':
        this.#say({ ...named(wanted), state: 'failed', reason: wanted.reason });
        return;
      case 'now':
        this.#say({ ...named(wanted), state: 'preparing', reason: null });
        this.#work = this.#work.then(() => this.#keepRunning(wanted, signal));
    }
  }

  offered(fruit: OfferedFruit): void {
    this.#run?.offered(fruit);
  }

  /** A self-test that is under way is left behind after a moment. */
  async stop(): Promise<void> {
    this.#ending.abort(new Error('the agent stops'));
    await new Promise<void>((resolve) => {
      const cancel = this.#ports.scheduler.after(stopPatienceMs, resolve);
      void this.#work.finally(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Until it ends for good. Never rejects. */
  async #keepRunning(wanted: Now, signal: AbortSignal): Promise<void> {
    const { scheduler, random } = this.#ports;
    for (let tries = 0; !signal.aborted; tries++) {
      try {
        await this.#runOnce(wanted, signal);
      } catch (error) {
        if (signal.aborted) return;
        const failure = failureOf(error);
        const again = failure.kind === 'failed' && failure.retryable;
        const reason = (failure.kind === 'failed' ? failure.reason : '').slice(0, 500);
        this.#say({ ...named(wanted), state: again ? 'preparing' : 'failed', reason });
        if (!again) return;
      }
      const work: Work = { kind: 'wait', tries };
      await doWork(work, { ...this.#ports, scheduler, random, onProgress: ignored }, signal).catch(ignored);
    }
  }

  async #runOnce(wanted: Now, signal: AbortSignal): Promise<void> {
    const { starts, onTrouble } = this.#ports;
    const setup = await this.#prepare(wanted, signal);
    const begun = await starts.count(wanted.order.release.digest);
    if (begun > startsMax) {
      await starts.well();
      throw new Error(`its process ended in each of ${startsMax} starts of it`);
    }
    const end = await this.#watch(wanted, setup, signal);
    if (signal.aborted || end.isTold) await starts.well();
    if (signal.aborted) return;
    if (end.isTold) throw new Error(end.reason);
    onTrouble('shadow-ended', `a candidate that ran silently ended: ${end.reason}`);
  }

  /** As with every release; a champion that sees views of another size has no fruit for it. */
  async #prepare({ order, champion }: Now, signal: AbortSignal): Promise<ShadowSetup> {
    const { store } = this.#ports;
    const { release, recipe } = order;
    const ports = { ...this.#ports, onProgress: ignored };
    await done({ kind: 'plan', release, recipe }, ports, signal);
    const manifest = await store.manifest(release.digest);
    const running = await store.manifest(champion.release.digest);
    checkSameViews(manifest.input, running.input);
    await done({ kind: 'fetch', release }, ports, signal);
    await done({ kind: 'verify', release }, ports, signal);
    await done({ kind: 'stage', release }, ports, signal);
    const tested = await done({ kind: 'self-test', release }, ports, signal);
    if (tested.kind !== 'tested') throw new Error('its self-test did not say how it went');
    return {
      champion: runnableOf(champion.release, champion.variant, running, store),
      candidate: runnableOf(release, tested.variant, manifest, store),
      recipe,
      samplesPerDayMax: order.samplesPerDayMax,
    };
  }

  /** Resolves when its process is gone. */
  async #watch(
    wanted: Now,
    setup: ShadowSetup,
    signal: AbortSignal,
  ): Promise<{ readonly isTold: boolean; readonly reason: string }> {
    const { open, starts, scheduler, onTrouble, tellMs = tellMsDefault } = this.#ports;
    const counts = this.#countsOf(wanted);
    let told: string | undefined;
    const run = open(setup, (message) => {
      if (message.kind === 'failed') {
        told = message.reason;
        void run.stop();
      } else this.#hear(message, wanted, setup, counts);
    });
    this.#run = run;
    const stop = (): void => void run.stop();
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    let passedOver = 0;
    const tell = (): void => {
      counts.addSkipped(run.passedOver() - passedOver);
      passedOver = run.passedOver();
      this.#tell(wanted, counts);
    };
    const ticking = new AbortController();
    void every(tellMs, tell);
    const cancelWell = scheduler.after(wellAfterMs, () => {
      starts.well().catch((error: unknown) => onTrouble('shadow-starts', String(error)));
    });
    const reason = await run.ended;
    ticking.abort();
    cancelWell();
    signal.removeEventListener('abort', stop);
    this.#run = undefined;
    tell();
    return { isTold: told !== undefined, reason: told ?? reason };

    /** At first sooner: somebody may be looking. */
    async function every(msMax: number, act: () => void): Promise<void> {
      for (let ms = tellFirstMs; !ticking.signal.aborted; ms *= 2) {
        await wait(scheduler, Math.min(ms, msMax), ticking.signal).catch(ignored);
        if (!ticking.signal.aborted) act();
      }
    }
  }

  #hear(message: FromShadow, wanted: Now, setup: ShadowSetup, counts: ShadowCounts): void {
    const { samples, onTrouble, scheduler } = this.#ports;
    switch (message.kind) {
      case 'running':
        this.#say({ ...named(wanted), state: 'running', reason: null });
        break;
      case 'raced':
        counts.timed({ champion: message.champion, candidate: message.candidate });
        break;
      case 'compared':
        if (counts.fruits === 0 && this.#counts)
          this.#counts.since = new Date(scheduler.nowMs()).toISOString();
        counts.add(message.champion, message.candidate, message.views);
        break;
      case 'disagreed': {
        const { champion, candidate } = setup;
        const head = {
          release: champion.ref,
          labels: [...champion.labels],
          size: champion.inputSize,
          reason: 'disagreeing' as const,
          candidate: { release: candidate.ref, grade: message.candidate },
          fruit: { ...message.fruit, probabilities: [...message.fruit.probabilities] },
        };
        samples
          .pack(head, message.crops)
          .catch((error: unknown) =>
            onTrouble('sample-lost', error instanceof Error ? error.message : String(error)),
          );
        break;
      }
      case 'failed':
      case 'stopped':
        break;
    }
  }

  #countsOf({ order, champion }: Now): ShadowCounts {
    const key = [order.rollout, order.release.digest, champion.release.digest].join();
    if (this.#counts?.key !== key) this.#counts = { key, counts: new ShadowCounts(), since: '' };
    return this.#counts.counts;
  }

  #tell({ order, champion }: Now, counts: ShadowCounts): void {
    const { link, boot, nextSeq, scheduler } = this.#ports;
    if (counts.fruits === 0 || !link.isUp()) return;
    const message = {
      ...{ v: 1 as const, boot, seq: nextSeq(), at: new Date(scheduler.nowMs()).toISOString() },
      ...{ rollout: order.rollout, champion: champion.release, candidate: order.release },
      since: this.#counts?.since ?? '',
      ...counts.figures(),
    };
    link.send('shadow', encode('shadow', message));
  }

  #say(report: ShadowReport | null): void {
    if (JSON.stringify(report) === JSON.stringify(this.#report)) return;
    this.#report = report;
    this.#ports.onChange();
  }
}

function named({ order }: { readonly order: { readonly rollout: number; readonly release: ReleaseRef } }) {
  return { rollout: order.rollout, release: order.release };
}

/** The crops that are handed over are those that the champion was shown. */
function checkSameViews(candidate: Manifest['input'], champion: Manifest['input']): void {
  if (candidate.size !== champion.size)
    throw new Error(
      `it looks at views of ${candidate.size} pixels, and the release that runs at ${champion.size}: they cannot look at the same`,
    );
  if (canonicalJson(candidate) !== canonicalJson(champion))
    throw new Error(
      'its views are made ready in another way than those of the release that runs: they cannot look at the same',
    );
}

/** The event of its end; a failure of which the work says is thrown. */
async function done(work: Work, ports: WorkPorts, signal: AbortSignal) {
  signal.throwIfAborted();
  const event = await doWork(work, ports, signal);
  signal.throwIfAborted();
  if (event.kind === 'failed') throw new Error(event.reason);
  return event;
}

/** How far it is, and that a wait was cut short, matters to nobody here. */
function ignored(): void {}
