/**
 * A station without a board: the agent's own link, outbox sender, transfer, trust and update runner, between a camera
 * and a disk that are not there. Its self-test passes after a moment whatever the release is, and its fruit is made up.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Random, type Recipe, type ReleaseRef, recentFruitsMax } from '@pomona/wire';
import { BoundedOutbox } from './adapters/bounded-outbox.ts';
import { forgetfulJournal, forgetfulReleases } from './adapters/forgetful-releases.ts';
import { systemFiguresOf } from './adapters/system-figures.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import type { Identity } from './domain/identity.ts';
import type { LineFigures, RunnableRelease } from './domain/line-messages.ts';
import { madeUpFruit } from './domain/made-up-fruit.ts';
import type { ReleaseFigures } from './domain/probation.ts';
import type { FromShadow, ShadowSetup } from './domain/shadow-messages.ts';
import { StationParts, type StationSetup } from './station-parts.ts';
import type { ShadowRun } from './use-cases/run-shadow.ts';
import { wait } from './use-cases/scheduler.ts';

const outboxRecordsMax = 20_000;
const healthIntervalS = 10;
const selfTestMs = 500;
const shadowAgrees = 0.95;
/** Nothing can be wrong with fruit that nobody saw. */
const probation = { soakS: 2, fruits: 50, missedShareMax: 1, unseenShareMax: 1 };

export interface SimStationOptions {
  readonly identity: Identity;
  readonly privateKeyPem: string;
  /** For the metadata that it has verified. */
  readonly folder: string;
  readonly version: string;
  readonly random: Random;
  readonly onTrouble: (code: string, message: string) => void;
  /** The parts of a real board's update, instead of those that forget. */
  readonly board?: Pick<StationSetup, 'journal' | 'store' | 'selfTest'> & {
    /** As the line does before it grades with it. */
    readonly warm: (release: RunnableRelease) => Promise<void>;
  };
}

export class SimStation {
  readonly #options: SimStationOptions;
  readonly #boot = randomBytes(8).toString('hex');
  readonly #outbox = new BoundedOutbox(outboxRecordsMax);
  readonly #parts: StationParts;
  /** What the line grades with, as the update runner told it. */
  #line:
    | { readonly release: ReleaseRef; readonly labels: readonly string[]; readonly recipe: Recipe }
    | undefined;
  /** Of each fruit: what it was graded, and how often it was seen. */
  #shadow: ((champion: string, views: number) => void) | undefined;
  #made = 0;
  /** By releases before the one that runs. */
  #madeBefore = 0;

  constructor(options: SimStationOptions) {
    this.#options = options;
    const { identity, privateKeyPem, folder, random, version, onTrouble, board } = options;
    this.#parts = new StationParts({
      about: { agentVersion: version, board: 'simulated' },
      clockQuality: () => 'synced',
      outbox: this.#outbox,
      writer: this.#outbox,
      // Of the whole process: a simulated station has no processor and no memory of its own.
      system: systemFiguresOf(folder),
      healthIntervalS,
      trustFolder: join(folder, identity.station),
      journal: board?.journal ?? forgetfulJournal(),
      store: board?.store ?? forgetfulReleases(),
      selfTest: board?.selfTest ?? passAfterAMoment,
      line: {
        run: async (runnable, recipe) => {
          await board?.warm(runnable);
          const { ref: release, labels } = runnable;
          this.#line = { release, labels, recipe };
          this.#madeBefore = this.#made;
        },
        setRecipe: async (recipe) => {
          if (this.#line !== undefined) this.#line = { ...this.#line, recipe };
        },
        proof: () => ({ ...this.#releaseFigures(), crashes: 0, hangs: 0 }),
      },
      shadow: {
        open: (setup, onMessage) => this.#openShadow(setup, onMessage),
        starts: { count: async () => 1, well: async () => undefined },
        // There are no views of fruit that nobody saw.
        samples: { pack: async () => false },
      },
      onDown: (reason) => onTrouble('link-down', reason),
      onRejected: (channel, cause, detail) => onTrouble(`rejected-${channel}`, `${cause}: ${detail}`),
      ...{ identity, privateKeyPem, probation, random, scheduler: systemScheduler, onTrouble },
      boot: this.#boot,
    });
  }

  async start(): Promise<void> {
    await this.#parts.updates.load();
    this.#parts.start();
    void this.#parts.updates.start();
  }

  stop(): Promise<void> {
    return this.#parts.stop();
  }

  get isUp(): boolean {
    return this.#parts.link.isUp();
  }

  /** The release that it says it runs for good. */
  get active(): ReleaseRef | undefined {
    const { running, update } = this.#parts.updates.state;
    return update.state === 'active' ? running?.release : undefined;
  }

  get updateState(): string {
    return this.#parts.updates.state.update.state;
  }

  get figures(): { made: number; acknowledged: number; waiting: number; dropped: number } {
    const outbox = this.#outbox;
    const acknowledged = outbox.acknowledgedFruits;
    return { made: this.#made, acknowledged, waiting: outbox.depth(), dropped: outbox.dropped() };
  }

  /** Grades that many fruits; none without a release. Returns how many it were. */
  grade(count: number): number {
    if (this.#line === undefined || count === 0) return 0;
    const { release, labels, recipe } = this.#line;
    const atMs = systemScheduler.nowMs();
    for (let i = 0; i < count; i++) {
      const seq = this.#outbox.nextSeq();
      const fruit = madeUpFruit({ seq, atMs, labels, recipe }, this.#options.random);
      const value = { release, recipeVersion: recipe.version, labels, fruit };
      this.#outbox.append({ kind: 'fruit', boot: this.#boot, seq, value });
      this.#shadow?.(fruit.grade, fruit.views);
    }
    this.#made += count;
    this.#parts.health.lineFigures(this.#lineFigures());
    this.#parts.sender.wake();
    return count;
  }

  /** A candidate that mostly thinks the same. */
  #openShadow({ candidate }: ShadowSetup, onMessage: (message: FromShadow) => void): ShadowRun {
    const { random } = this.#options;
    let end: (reason: string) => void = () => undefined;
    const ended = new Promise<string>((resolve) => {
      end = resolve;
    });
    this.#shadow = (champion, views) => {
      const { labels } = candidate;
      const other = labels[Math.floor(random.next() * labels.length)] ?? champion;
      const grade = random.next() < shadowAgrees ? champion : other;
      onMessage({ kind: 'compared', champion, candidate: grade, views });
    };
    onMessage({ kind: 'running' });
    onMessage({ kind: 'raced', champion: 1, candidate: 1 });
    return {
      ended,
      offered: () => undefined,
      passedOver: () => 0,
      stop: async () => {
        this.#shadow = undefined;
        end('it was told to');
      },
    };
  }

  #lineFigures(): LineFigures {
    const none = { framesPerSecond: 0, droppedFrames: 0, frameForMs: 0, missedDeadlines: 0, lostRecords: 0 };
    const release = this.#releaseFigures();
    const recent = this.#line && {
      release: this.#line.release.digest,
      fruits: Math.min(release.fruits, recentFruitsMax),
      missedDeadlines: 0,
      timeUsed: { p50: 0.01, p95: 0.02 },
    };
    return { ...none, fruits: this.#made, latencyMs: { p50: 0, p99: 0 }, release, recent };
  }

  #releaseFigures(): ReleaseFigures {
    const fruits = this.#made - this.#madeBefore;
    // There is no camera that could stand still.
    const frames = systemScheduler.monotonicMs();
    return { frames, fruits, missedDeadlines: 0, unseen: 0, unusableViews: 0 };
  }
}

async function passAfterAMoment() {
  await wait(systemScheduler, selfTestMs, new AbortController().signal);
  return { ok: true, msPerView: 1, reason: '' };
}
