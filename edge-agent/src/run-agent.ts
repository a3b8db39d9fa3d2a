/** Wires the agent together: everything that has a lifetime is made, started and stopped here. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { StationConfig } from '@pomona/firmware-config';
import { openDesired, TrustedReleases } from '@pomona/release';
import { isAppError, type Random, type SignedEnvelope, type Status } from '@pomona/wire';
import { cameraSource } from './adapters/camera-source.ts';
import { takeDataFolder } from './adapters/data-folder.ts';
import { openIdentityStore } from './adapters/identity-store.ts';
import { LineWorker } from './adapters/line-worker.ts';
import { oncePerCause } from './adapters/log.ts';
import { MqttLink } from './adapters/mqtt-link.ts';
import { OutboxCounter } from './adapters/outbox-counter.ts';
import { openReleaseFolder } from './adapters/release-folder.ts';
import { selfTestRelease } from './adapters/self-test.ts';
import { ServiceWatchdog } from './adapters/service-watchdog.ts';
import { openOutboxReader, openOutboxWriter } from './adapters/sqlite-outbox.ts';
import { systemFiguresOf } from './adapters/system-figures.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { openUpdateJournal } from './adapters/update-journal.ts';
import { LineLiveness } from './domain/line-liveness.ts';
import type { FromLine } from './domain/line-messages.ts';
import { Rejections } from './domain/rejections.ts';
import { reportedOf } from './domain/update-state.ts';
import { type AgentDeps, enrolPatiently } from './enrol-agent.ts';
import { createReceive } from './use-cases/receive.ts';
import { HealthReporter } from './use-cases/report-health.ts';
import { StateReporter } from './use-cases/report-state.ts';
import { UpdateRunner } from './use-cases/run-updates.ts';
import { OutboxSender } from './use-cases/send-outbox.ts';
import { TransferClient } from './use-cases/transfer.ts';

/** How long before a fruit is at its gate the shot must be given. */
const gateLeadMs = 50;
const checkpointMs = 30_000;

export interface RunningAgent {
  /** Says goodbye and lets go of everything; what was not sent stays in the outbox. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Resolves when the agent runs: connecting, and loading what it graded with before. Throws an `AppError` (`data-folder-in-use`,
 * `data-folder-not-writable`, `enrol-…`, `claim-…`, `identity-damaged`, `line-start`, `outbox-newer`).
 */
export async function runAgent(config: StationConfig, deps: AgentDeps): Promise<RunningAgent> {
  const undo: (() => void | Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
  };
  try {
    await startAgent(config, deps, undo);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function startAgent(
  config: StationConfig,
  deps: AgentDeps,
  undo: (() => void | Promise<void>)[],
): Promise<void> {
  const { log } = deps;
  const { dataDir } = config;
  const scheduler = systemScheduler;
  const random = systemRandom();
  const folder = takeDataFolder(dataDir);
  undo.push(() => folder.release());
  const identity = await enrolPatiently(config, deps, scheduler, random);
  const address = { site: identity.site, line: identity.line, station: identity.station };
  const boot = randomBytes(8).toString('hex');
  const onTrouble = oncePerCause(log);
  const rejections = new Rejections();
  const logRejected = (channel: string, cause: string, detail: string): void =>
    log.warn({ channel, cause, detail }, 'refused a message; more of its kind are only counted');
  const onRejected = (channel: string, cause: string, detail: string): void => {
    if (rejections.count(channel, cause)) logRejected(channel, cause, detail);
  };

  const counter = new OutboxCounter();
  const file = join(dataDir, 'outbox.sqlite');
  const { outboxLimitBytes: limitBytes } = config;
  const { limitBytes: sampleLimitBytes, ...sampling } = config.sampling;
  const reader = openOutboxReader({
    file,
    counter,
    boot,
    onMovedAside: (to, reason) =>
      log.error({ to, reason }, 'the outbox was damaged; it was moved aside and a new one begun'),
  });
  undo.push(() => reader.close());
  const writer = openOutboxWriter({ file, counter, limitBytes, onTrouble });
  undo.push(() => writer.close());
  const nextSeq = (): number => writer.nextSeq();

  const line = new LineWorker({
    setup: {
      boot,
      outbox: { file, counter: counter.shared, limitBytes, sampleLimitBytes },
      camera: cameraSource(config.camera, config.geometry),
      geometry: config.geometry,
      gate: { logFile: config.gate.file, leadMs: gateLeadMs },
      sampling,
      statistics: config.statistics,
    },
    random,
    onMessage: (message) => hearLine(message),
  });

  let wasUp = false;
  /** What the retained status says that runs. */
  let announced: string | undefined;
  const link: MqttLink = new MqttLink({
    url: identity.brokerUrl,
    address,
    tls: {
      key: await openIdentityStore(dataDir).privateKeyPem(),
      cert: identity.certificatePem,
      ca: identity.caPem,
    },
    status: (state) => statusNow(state),
    onUp: () => {
      wasUp = true;
      log.info({ broker: identity.brokerUrl }, 'connected');
      transfer.linkUp();
      reporter.now();
      sender.wake();
    },
    onDown: (reason) => {
      transfer.linkLost();
      sender.linkLost();
      if (wasUp) log.warn({ reason }, 'the connection was lost; trying again');
      else onTrouble('link-down', reason);
      wasUp = false;
    },
    onMessage: (channel, bytes) => receive(channel, bytes),
    rejections,
    onRejected: logRejected,
    scheduler,
    random,
  });
  const sender = new OutboxSender({ outbox: reader, link, scheduler, onTrouble });
  const transfer = new TransferClient({ link, scheduler, random, boot, nextSeq, onRejected });
  const updates: UpdateRunner = new UpdateRunner({
    journal: openUpdateJournal({
      dataDir,
      desiredKeyPem: identity.desiredKeyPem,
      boot,
      onMovedAside: (to) => log.error({ to }, 'the update’s journal was damaged; it was moved aside'),
    }),
    store: openReleaseFolder(dataDir),
    transfer,
    findManifest: async (release, signal) => {
      const trust = new TrustedReleases({
        folder: join(dataDir, 'trust'),
        rootJson: identity.trustRoot,
        nowMs: () => scheduler.nowMs(),
        fetchFile: (path, bytesMax) => transfer.fetchFile(path, bytesMax, signal),
      });
      return (await trust.findManifest(release)).bytes;
    },
    selfTest: selfTestRelease,
    line,
    probation: config.probation,
    scheduler,
    random,
    onChange: (state, progress) => {
      reporter.changed(progress);
      if (progress) return;
      const { state: name, release, reason } = reportedOf(state).update;
      log.info(
        { ...(release && { release: `${release.name} ${release.version}` }), ...(reason && { reason }) },
        `update: ${name}`,
      );
      const digest = state.running?.release.digest;
      if (digest !== announced) link.announce();
      announced = digest;
    },
    onTrouble,
  });
  const reporter = new StateReporter({
    link,
    scheduler,
    boot,
    nextSeq,
    reported: () => reportedOf(updates.state),
  });
  const health = new HealthReporter({
    scheduler,
    system: systemFiguresOf(dataDir),
    outbox: reader,
    writer,
    boot,
    intervalS: config.healthIntervalS,
    rejectedMessages: () => rejections.total,
    onRecorded: () => sender.wake(),
    onTrouble,
  });
  const receive = createReceive(
    {
      ack: (ack) => sender.acknowledged(ack),
      desired: takeDesired,
      chunk: (chunk) => transfer.accept(chunk),
    },
    rejections,
    logRejected,
  );

  function statusNow(state: Status['state']): Status {
    return {
      v: 1,
      boot,
      seq: nextSeq(),
      at: new Date(scheduler.nowMs()).toISOString(),
      state,
      agentVersion: deps.version,
      board: config.board,
      release: updates.state.running?.release ?? null,
      clock: clockQuality(),
    };
  }

  function takeDesired(envelope: SignedEnvelope): void {
    try {
      const counterMin = updates.state.desired?.counter ?? 0;
      void updates.desired(openDesired(envelope, identity.desiredKeyPem, { address, counterMin }));
    } catch (error) {
      if (!isAppError(error)) throw error;
      onRejected('desired', error.code, error.message);
    }
  }

  const liveness = new LineLiveness(scheduler.monotonicMs());
  function hearLine(message: FromLine): void {
    liveness.hear(message, scheduler.monotonicMs());
    if (message.kind === 'figures') health.lineFigures(message.figures);
    else if (message.kind === 'graded') sender.wake();
    else if (message.kind === 'trouble') onTrouble(message.code, message.message);
    else if (message.kind === 'camera') log.info({ detail: message.detail }, `camera: ${message.state}`);
  }

  await updates.load();
  undo.push(() => line.stop());
  await line.start();
  undo.push(() =>
    Promise.all([sender.stop(), health.stop(), reporter.stop(), updates.stop()]).then(() => link.stop()),
  );
  const checkpoints = setInterval(() => reader.checkpoint(), checkpointMs);
  undo.push(() => clearInterval(checkpoints));
  link.start();
  sender.start();
  health.start();
  const watchdog = new ServiceWatchdog({
    environment: deps.environment ?? {},
    isAlive: (nowMs) => liveness.isAlive(nowMs),
    scheduler,
    onTrouble,
  });
  undo.push(() => watchdog.stop());
  watchdog.start();
  log.info({ ...address, boot, dataDir }, 'the agent runs');
  // Not waited for: loading a release takes a while, and the agent can be stopped meanwhile.
  void updates.start();
}

function systemRandom(): Random {
  return { next: () => randomBytes(4).readUInt32BE() / 0x1_0000_0000 };
}

/** What systemd-timesyncd leaves behind once it has set the clock. */
function clockQuality(): Status['clock'] {
  return existsSync('/run/systemd/timesync/synchronized') ? 'synced' : 'unknown';
}
