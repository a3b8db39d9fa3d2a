/**
 * A station without a board: the agent's own link, outbox sender, transfer, trust and update runner, between a camera
 * and a disk that are not there. Its self-test passes after a moment whatever the release is, and its fruit is made up.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDesired, TrustedReleases } from '@pomona/release';
import {
  isAppError,
  type Random,
  type Recipe,
  type ReleaseRef,
  recentFruitsMax,
  type SignedEnvelope,
  type Status,
} from '@pomona/wire';
import { BoundedOutbox } from './adapters/bounded-outbox.ts';
import { forgetfulJournal, forgetfulReleases } from './adapters/forgetful-releases.ts';
import { MqttLink } from './adapters/mqtt-link.ts';
import { systemFiguresOf } from './adapters/system-figures.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import type { Identity } from './domain/identity.ts';
import type { LineFigures } from './domain/line-messages.ts';
import { madeUpFruit } from './domain/made-up-fruit.ts';
import type { ReleaseFigures } from './domain/probation.ts';
import { Rejections } from './domain/rejections.ts';
import { reportedOf } from './domain/update-state.ts';
import { createReceive } from './use-cases/receive.ts';
import { HealthReporter } from './use-cases/report-health.ts';
import { StateReporter } from './use-cases/report-state.ts';
import { UpdateRunner } from './use-cases/run-updates.ts';
import { wait } from './use-cases/scheduler.ts';
import { OutboxSender } from './use-cases/send-outbox.ts';
import { TransferClient } from './use-cases/transfer.ts';

const outboxRecordsMax = 20_000;
const healthIntervalS = 10;
const selfTestMs = 500;
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
}

export class SimStation {
  readonly #options: SimStationOptions;
  readonly #boot = randomBytes(8).toString('hex');
  readonly #outbox = new BoundedOutbox(outboxRecordsMax);
  readonly #rejections = new Rejections();
  readonly #link: MqttLink;
  readonly #sender: OutboxSender;
  readonly #transfer: TransferClient;
  readonly #updates: UpdateRunner;
  readonly #reporter: StateReporter;
  readonly #health: HealthReporter;
  /** What the line grades with, as the update runner told it. */
  #line:
    | { readonly release: ReleaseRef; readonly labels: readonly string[]; readonly recipe: Recipe }
    | undefined;
  #made = 0;
  /** By releases before the one that runs. */
  #madeBefore = 0;

  constructor(options: SimStationOptions) {
    this.#options = options;
    const { identity, folder, random, onTrouble } = options;
    const { site, line, station } = identity;
    const scheduler = systemScheduler;
    const outbox = this.#outbox;
    const boot = this.#boot;
    const nextSeq = () => outbox.nextSeq();
    const onRejected = (channel: string, cause: string, detail: string): void => {
      if (this.#rejections.count(channel, cause)) onTrouble(`rejected-${channel}`, `${cause}: ${detail}`);
    };
    this.#link = new MqttLink({
      url: identity.brokerUrl,
      address: { site, line, station },
      tls: { key: options.privateKeyPem, cert: identity.certificatePem, ca: identity.caPem },
      status: (state) => this.#status(state),
      onUp: () => {
        this.#transfer.linkUp();
        this.#reporter.now();
        this.#sender.wake();
      },
      onDown: (reason) => {
        this.#transfer.linkLost();
        this.#sender.linkLost();
        onTrouble('link-down', reason);
      },
      onMessage: (channel, bytes) => receive(channel, bytes),
      rejections: this.#rejections,
      onRejected: (channel, cause, detail) => onTrouble(`rejected-${channel}`, `${cause}: ${detail}`),
      ...{ scheduler, random },
    });
    const link = this.#link;
    this.#sender = new OutboxSender({ outbox, link, scheduler, onTrouble });
    this.#transfer = new TransferClient({ link, scheduler, random, boot, nextSeq, onRejected });
    this.#updates = new UpdateRunner({
      journal: forgetfulJournal(),
      store: forgetfulReleases(),
      transfer: this.#transfer,
      findManifest: async (release, signal) => {
        const trust = new TrustedReleases({
          folder: join(folder, station),
          rootJson: identity.trustRoot,
          nowMs: () => scheduler.nowMs(),
          fetchFile: (path, bytesMax) => this.#transfer.fetchFile(path, bytesMax, signal),
        });
        return (await trust.findManifest(release)).bytes;
      },
      selfTest: async () => {
        await wait(scheduler, selfTestMs, new AbortController().signal);
        return { ok: true, msPerView: 1, reason: '' };
      },
      line: {
        run: async ({ ref: release, labels }, recipe) => {
          this.#line = { release, labels, recipe };
          this.#madeBefore = this.#made;
        },
        setRecipe: async (recipe) => {
          if (this.#line !== undefined) this.#line = { ...this.#line, recipe };
        },
        proof: () => ({ ...this.#releaseFigures(), crashes: 0, hangs: 0 }),
      },
      probation,
      onChange: (state, progress) => {
        this.#reporter.changed(progress);
        const { state: name } = state.update;
        if (!progress && (name === 'active' || name === 'rolled-back')) link.announce();
      },
      ...{ scheduler, random, onTrouble },
    });
    this.#reporter = new StateReporter({
      reported: () => reportedOf(this.#updates.state),
      ...{ link, scheduler, boot, nextSeq },
    });
    this.#health = new HealthReporter({
      // Of the whole process: a simulated station has no processor and no memory of its own.
      system: systemFiguresOf(folder),
      writer: outbox,
      intervalS: healthIntervalS,
      rejectedMessages: () => this.#rejections.total,
      onRecorded: () => this.#sender.wake(),
      ...{ scheduler, outbox, boot, onTrouble },
    });
    const receive = createReceive(
      {
        ack: (ack) => this.#sender.acknowledged(ack),
        desired: (envelope) => this.#takeDesired(envelope, onRejected),
        chunk: (chunk) => this.#transfer.accept(chunk),
      },
      this.#rejections,
      (channel, cause, detail) => onTrouble(`rejected-${channel}`, `${cause}: ${detail}`),
    );
  }

  async start(): Promise<void> {
    await this.#updates.load();
    this.#link.start();
    this.#sender.start();
    this.#health.start();
    void this.#updates.start();
  }

  async stop(): Promise<void> {
    this.#sender.stop();
    this.#health.stop();
    this.#reporter.stop();
    await this.#updates.stop();
    await this.#link.stop();
  }

  get isUp(): boolean {
    return this.#link.isUp();
  }

  /** The release that it says it runs for good. */
  get active(): ReleaseRef | undefined {
    const { running, update } = this.#updates.state;
    return update.state === 'active' ? running?.release : undefined;
  }

  get updateState(): string {
    return this.#updates.state.update.state;
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
    }
    this.#made += count;
    this.#health.lineFigures(this.#lineFigures());
    this.#sender.wake();
    return count;
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

  #takeDesired(
    envelope: SignedEnvelope,
    onRejected: (channel: string, cause: string, detail: string) => void,
  ): void {
    const { site, line, station, desiredKeyPem } = this.#options.identity;
    try {
      const counterMin = this.#updates.state.desired?.counter ?? 0;
      const address = { site, line, station };
      void this.#updates.desired(openDesired(envelope, desiredKeyPem, { address, counterMin }));
    } catch (error) {
      if (!isAppError(error)) throw error;
      onRejected('desired', error.code, error.message);
    }
  }

  #status(state: Status['state']): Status {
    return {
      v: 1,
      boot: this.#boot,
      seq: this.#outbox.nextSeq(),
      at: new Date(systemScheduler.nowMs()).toISOString(),
      state,
      agentVersion: this.#options.version,
      board: 'simulated',
      release: this.#updates.state.running?.release ?? null,
      clock: 'synced',
    };
  }
}
