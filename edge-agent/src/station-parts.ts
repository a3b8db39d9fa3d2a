/**
 * What a station has that is the same for a board and for a simulated one: its link, what goes up and comes down on it, and
 * its update.
 */
import { openDesired, TrustedReleases } from '@pomona/release';
import {
  type CertificateState,
  isAppError,
  type Random,
  type ReleaseRef,
  type SignedEnvelope,
  type Status,
} from '@pomona/wire';
import { HttpsTransfer } from './adapters/https-transfer.ts';
import { MqttLink } from './adapters/mqtt-link.ts';
import type { Identity } from './domain/identity.ts';
import type { OutboxReader, OutboxWriter } from './domain/outbox.ts';
import { Rejections } from './domain/rejections.ts';
import { reportedOf, type UpdateState } from './domain/update-state.ts';
import { createReceive, type OnRejected } from './use-cases/receive.ts';
import { HealthReporter, type SystemFigures } from './use-cases/report-health.ts';
import { StateReporter } from './use-cases/report-state.ts';
import { type ShadowPorts, ShadowRunner } from './use-cases/run-shadow.ts';
import { type UpdatePorts, UpdateRunner } from './use-cases/run-updates.ts';
import type { Scheduler } from './use-cases/scheduler.ts';
import { OutboxSender } from './use-cases/send-outbox.ts';
import { TransferClient } from './use-cases/transfer.ts';

export interface StationSetup
  extends Pick<
    UpdatePorts,
    'journal' | 'store' | 'freeMemoryBytes' | 'selfTest' | 'line' | 'probation' | 'onTrouble'
  > {
  readonly identity: Identity;
  readonly privateKeyPem: string;
  readonly boot: string;
  /** What its status says beside what runs. */
  readonly about: Pick<Status, 'agentVersion' | 'board'>;
  readonly clockQuality: () => Status['clock'];
  readonly outbox: OutboxReader;
  readonly writer: OutboxWriter;
  readonly system: SystemFigures;
  readonly healthIntervalS: number;
  /** The disk was full at the start. */
  readonly isOutboxInMemory?: boolean;
  /** Of release files down and of samples up, each; undefined for no cap. */
  readonly kbitPerSMax?: number | undefined;
  /** Since when the operator at the line has paused grading. */
  readonly pausedSince?: () => string | undefined;
  readonly certificate?: () => CertificateState | undefined;
  readonly shadow: ShadowSetupParts;
  /** From where files come over HTTPS; without it they come by the broker. */
  readonly filesUrl?: string;
  /** For the metadata that it has verified. */
  readonly trustFolder: string;
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly onUp?: () => void;
  readonly onDown: (reason: string) => void;
  /** Every change of the update but mere progress. */
  readonly onUpdate?: (state: UpdateState) => void;
  /** The first time that something is refused for this cause. */
  readonly onRejected: OnRejected;
}

/** What a candidate that runs silently needs of the station. */
export type ShadowSetupParts = Pick<ShadowPorts, 'open' | 'starts' | 'samples' | 'tellMs'>;

export class StationParts {
  readonly link: MqttLink;
  readonly sender: OutboxSender;
  readonly updates: UpdateRunner;
  readonly health: HealthReporter;
  readonly shadow: ShadowRunner;
  readonly #setup: StationSetup;
  readonly #rejections = new Rejections();
  readonly #reporter: StateReporter;
  readonly #transfer: TransferClient;
  readonly #https: HttpsTransfer | undefined;
  /** What the retained status says that runs. */
  #announced: string | undefined;

  constructor(setup: StationSetup) {
    this.#setup = setup;
    const { identity, privateKeyPem, boot, outbox, writer, scheduler, random, onTrouble, onRejected } = setup;
    const { site, line, station, brokerUrl: url, certificatePem: cert, caPem: ca } = identity;
    const nextSeq = (): number => writer.nextSeq();
    const rejections = this.#rejections;
    this.link = new MqttLink({
      url,
      address: { site, line, station },
      tls: { key: privateKeyPem, cert, ca },
      status: (state) => this.#status(state),
      onUp: () => this.#onUp(),
      onDown: (reason) => this.#onDown(reason),
      onMessage: (channel, bytes) => receive(channel, bytes),
      ...{ rejections, onRejected, scheduler, random },
    });
    const { link } = this;
    const { kbitPerSMax } = setup;
    this.sender = new OutboxSender({ outbox, link, scheduler, kbitPerSMax, onTrouble });
    this.#transfer = new TransferClient({
      onRejected: (...why) => this.#reject(...why),
      ...{ link, scheduler, random, kbitPerSMax, boot, nextSeq },
    });
    const { journal, store, selfTest, line: lineOfFruit, probation, filesUrl, freeMemoryBytes } = setup;
    this.#https =
      filesUrl === undefined
        ? undefined
        : new HttpsTransfer({
            ...{ url: filesUrl, tls: { key: privateKeyPem, cert, ca } },
            ...{ scheduler, kbitPerSMax },
            onRejected: (...why) => this.#reject(...why),
          });
    const files = this.#https ?? this.#transfer;
    const work = {
      transfer: files,
      findManifest: async (release: ReleaseRef, signal: AbortSignal) => {
        const trust = new TrustedReleases({
          folder: setup.trustFolder,
          rootJson: identity.trustRoot,
          nowMs: () => scheduler.nowMs(),
          fetchFile: (path, bytesMax) => files.fetchFile(path, bytesMax, signal),
        });
        return (await trust.findManifest(release)).bytes;
      },
      ...{ store, selfTest, line: lineOfFruit, probation, scheduler, random, onTrouble },
      ...(freeMemoryBytes === undefined ? {} : { freeMemoryBytes }),
    };
    this.updates = new UpdateRunner({
      ...work,
      journal,
      onChange: (state, progress) => this.#onChange(state, progress),
    });
    this.shadow = new ShadowRunner({
      ...work,
      ...setup.shadow,
      ...{ link, boot, nextSeq },
      onChange: () => this.#reporter.now(),
    });
    this.#reporter = new StateReporter({
      reported: () => ({ ...reportedOf(this.updates.state), shadow: this.shadow.reported() }),
      ...{ link, scheduler, boot, nextSeq },
    });
    this.health = new HealthReporter({
      system: setup.system,
      intervalS: setup.healthIntervalS,
      isOutboxInMemory: setup.isOutboxInMemory,
      rejectedMessages: () => rejections.total,
      pausedSince: () => setup.pausedSince?.(),
      certificate: () => setup.certificate?.(),
      onRecorded: () => this.sender.wake(),
      ...{ scheduler, outbox, writer, boot, onTrouble },
    });
    const receive = createReceive(
      {
        ack: (ack) => this.sender.acknowledged(ack),
        desired: (envelope) => this.#takeDesired(envelope),
        chunk: (chunk) => this.#transfer.accept(chunk),
      },
      rejections,
      onRejected,
    );
  }

  /** After `updates.load`. `updates.start` is the caller's: it may take as long as a release takes to load. */
  start(): void {
    this.link.start();
    this.sender.start();
    this.health.start();
  }

  /** For new connections; it was given anew, of the same key. */
  useCertificate(certificatePem: string): void {
    this.link.renew(certificatePem);
    this.#https?.renew(certificatePem);
  }

  /** The link ends last, so that it can say goodbye. */
  async stop(): Promise<void> {
    this.sender.stop();
    this.health.stop();
    this.#reporter.stop();
    await this.shadow.stop();
    await this.updates.stop();
    this.#https?.stop();
    await this.link.stop();
  }

  #onUp(): void {
    this.#setup.onUp?.();
    this.#transfer.linkUp();
    this.#reporter.now();
    this.sender.wake();
  }

  #onDown(reason: string): void {
    this.#transfer.linkLost();
    this.sender.linkLost();
    this.#setup.onDown(reason);
  }

  #onChange(state: UpdateState, progress: boolean): void {
    // First: what it says goes into the same report.
    if (!progress) this.shadow.follow(state);
    this.#reporter.changed(progress);
    if (progress) return;
    this.#setup.onUpdate?.(state);
    const digest = state.running?.release.digest;
    if (digest !== this.#announced) this.link.announce();
    this.#announced = digest;
  }

  #reject(channel: string, cause: string, detail: string): void {
    if (this.#rejections.count(channel, cause)) this.#setup.onRejected(channel, cause, detail);
  }

  #takeDesired(envelope: SignedEnvelope): void {
    const { site, line, station, desiredKeyPem } = this.#setup.identity;
    try {
      const counterMin = this.updates.state.desired?.counter ?? 0;
      const address = { site, line, station };
      void this.updates.desired(openDesired(envelope, desiredKeyPem, { address, counterMin }));
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#reject('desired', error.code, error.message);
    }
  }

  #status(state: Status['state']): Status {
    const { boot, writer, scheduler, about, clockQuality } = this.#setup;
    return {
      v: 1,
      boot,
      seq: writer.nextSeq(),
      at: new Date(scheduler.nowMs()).toISOString(),
      state,
      ...about,
      release: this.updates.state.running?.release ?? null,
      clock: clockQuality(),
    };
  }
}
