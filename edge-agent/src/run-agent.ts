/** Wires the agent together: everything that has a lifetime is made, started and stopped here. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { gateLeadMs, type StationConfig } from '@pomona/firmware-config';
import { AppError, type Random, type Status } from '@pomona/wire';
import { loadCalibrations } from './adapters/calibration-file.ts';
import { cameraSource } from './adapters/camera-source.ts';
import { takeDataFolder } from './adapters/data-folder.ts';
import { deflateRaw } from './adapters/deflate.ts';
import { freeMemoryBytes } from './adapters/free-memory.ts';
import { openIdentityStore } from './adapters/identity-store.ts';
import { LineLog } from './adapters/line-log.ts';
import { LineWorker } from './adapters/line-worker.ts';
import { oncePerCause } from './adapters/log.ts';
import { OutboxCounter } from './adapters/outbox-counter.ts';
import { hasRoomAgain, openOutboxPlace } from './adapters/outbox-place.ts';
import { openReleaseFolder } from './adapters/release-folder.ts';
import { selfTestRelease } from './adapters/self-test.ts';
import { ServiceWatchdog } from './adapters/service-watchdog.ts';
import { openShadowProcess } from './adapters/shadow-process.ts';
import { openShadowStarts } from './adapters/shadow-starts.ts';
import { openOutboxReader, openOutboxWriter } from './adapters/sqlite-outbox.ts';
import { systemFiguresOf } from './adapters/system-figures.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { systemdNotify } from './adapters/systemd-notify.ts';
import { openUpdateJournal } from './adapters/update-journal.ts';
import { deskFactsOf } from './domain/desk-facts.ts';
import { filesUrlOf } from './domain/files-url.ts';
import { LineLiveness } from './domain/line-liveness.ts';
import type { FromLine, LineReport } from './domain/line-messages.ts';
import { measuresOf } from './domain/measures.ts';
import { reportedOf } from './domain/update-state.ts';
import { type AgentDeps, enrolPatiently } from './enrol-agent.ts';
import { keepCertificate } from './keep-certificate.ts';
import type { OperatorPage } from './operator-page.ts';
import { StationParts } from './station-parts.ts';
import { SamplePacker } from './use-cases/pack-sample.ts';
import type { CertificateRenewal } from './use-cases/renew-certificate.ts';

const checkpointMs = 30_000;
/** How often a full disk is asked for room, and for how long no fruit came when the outbox goes back to it. */
const roomMs = 5_000;
const quietMs = 10_000;

export interface RunningAgent {
  /** Resolves when it cannot go on, with what to say; it is to be stopped and started again, after `disk-has-room` in the same process. */
  readonly gone: Promise<AppError>;
  /** Says goodbye and lets go of everything; what was not sent stays in the outbox. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Resolves when the agent runs: connecting, and loading what it graded with before. Throws an `AppError` (`data-folder-in-use`,
 * `data-folder-not-writable`, `enrol-…`, `claim-…`, `identity-damaged`, `line-start`, `outbox-newer`).
 */
export async function runAgent(config: StationConfig, deps: AgentDeps): Promise<RunningAgent> {
  const undo: (() => void | Promise<void>)[] = [];
  let onGone: (error: AppError) => void = () => undefined;
  const gone = new Promise<AppError>((resolve) => {
    onGone = resolve;
  });
  const stop = async (): Promise<void> => {
    for (let last = undo.pop(); last !== undefined; last = undo.pop()) await last();
  };
  try {
    await startAgent(config, deps, undo, onGone);
  } catch (error) {
    await stop();
    throw error;
  }
  return { gone, stop };
}

async function startAgent(
  config: StationConfig,
  deps: AgentDeps,
  undo: (() => void | Promise<void>)[],
  onGone: (error: AppError) => void,
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
  const onTrouble = oncePerCause(log, () => scheduler.monotonicMs());
  const counter = new OutboxCounter();
  const { limitBytes: sampleLimitOnDisk, ...sampling } = config.sampling;
  const onMovedAside = (to: string, reason: string): void =>
    log.error({ to, reason }, 'the outbox was damaged; it was moved aside and a new one begun');
  const { file, isInMemory, limitBytes, sampleLimitBytes } = openOutboxPlace({
    ...{ dataDir, boot, onMovedAside },
    ...{ limitBytes: config.outboxLimitBytes, sampleLimitBytes: sampleLimitOnDisk },
    onCarriedOver: (records) =>
      log.info({ records }, 'the disk has room again: what waited in memory is stored'),
  });
  if (isInMemory)
    log.error(
      { dataDir },
      'the disk is full or can only be read: fruit is graded, and records wait in memory, where they are lost with the power. Free some space, or replace it',
    );
  const reader = openOutboxReader({ file, counter, boot, onMovedAside, onTrouble });
  undo.push(() => reader.close());
  const writer = openOutboxWriter({ file, counter, limitBytes, sampleLimitBytes, onTrouble });
  undo.push(() => writer.close());

  const calibration = (await loadCalibrations(dataDir)).at(-1);
  const { geometry, inUse, problem } = measuresOf(config, calibration);
  if (problem !== undefined) onTrouble('calibration-stale', problem);
  else if (calibration !== undefined)
    log.info({ version: calibration.version }, 'measures by its calibration');

  const line = new LineWorker({
    setup: {
      boot,
      outbox: { file, counter: counter.shared, limitBytes, sampleLimitBytes },
      camera: cameraSource(config.camera, geometry),
      encoder: config.camera.encoder,
      geometry,
      calibration: inUse,
      gate: { config: config.gate, leadMs: gateLeadMs(config.gate) },
      sampling,
      statistics: config.statistics,
      isShown: config.operatorPage !== undefined,
    },
    random,
    onMessage: (message) => hearLine(message),
    onGone,
  });
  let page: OperatorPage | undefined;
  let renewal: CertificateRenewal | undefined;

  const filesUrl = filesUrlOf(config.update, identity);
  let wasUp = false;
  const station = new StationParts({
    identity,
    privateKeyPem: await openIdentityStore(dataDir).privateKeyPem(),
    boot,
    about: { agentVersion: deps.version, board: config.board },
    clockQuality,
    outbox: reader,
    writer,
    system: systemFiguresOf(dataDir),
    isOutboxInMemory: isInMemory,
    healthIntervalS: config.healthIntervalS,
    pausedSince: () => page?.pausedSince(),
    certificate: () => renewal?.state(),
    ...(filesUrl === undefined ? {} : { filesUrl }),
    trustFolder: join(dataDir, 'trust'),
    journal: openUpdateJournal({
      dataDir,
      desiredKeyPem: identity.desiredKeyPem,
      boot,
      onMovedAside: (to) => log.error({ to }, 'the update’s journal was damaged; it was moved aside'),
    }),
    store: openReleaseFolder(dataDir),
    shadow: {
      open: (setup, onMessage) =>
        openShadowProcess(setup, { onMessage, offerTo: (memory) => line.shadow(memory) }),
      starts: openShadowStarts(dataDir),
      samples: new SamplePacker(boot, {
        ...{ clock: scheduler, outbox: writer, deflate: deflateRaw },
        onStored: () => station.sender.wake(),
      }),
    },
    freeMemoryBytes: () => freeMemoryBytes(),
    selfTest: selfTestRelease,
    line,
    kbitPerSMax: config.update.kbitPerSMax,
    probation: config.probation,
    scheduler,
    random,
    onUp: () => {
      wasUp = true;
      log.info({ broker: identity.brokerUrl }, 'connected');
    },
    onDown: (reason) => {
      if (wasUp) log.warn({ reason }, 'the connection was lost; trying again');
      else onTrouble('link-down', reason);
      wasUp = false;
    },
    onUpdate: (state) => {
      const { state: name, release, reason } = reportedOf(state).update;
      log.info(
        { ...(release && { release: `${release.name} ${release.version}` }), ...(reason && { reason }) },
        `update: ${name}`,
      );
    },
    onRejected: (channel, cause, detail) =>
      log.warn({ channel, cause, detail }, 'refused a message; more of its kind are only counted'),
    onTrouble,
  });

  const liveness = new LineLiveness(scheduler.monotonicMs());
  function hearLine(message: FromLine): void {
    liveness.hear(message, scheduler.monotonicMs());
    page?.hear(message);
    if (message.kind === 'figures') hearFigures(message.figures);
    else if (message.kind === 'graded') station.sender.wake();
    else if (message.kind === 'offered') station.shadow.offered(message.fruit);
    else if (message.kind === 'trouble') onTrouble(message.code, message.message);
    else if (message.kind === 'camera') log.info({ detail: message.detail }, `camera: ${message.state}`);
  }

  const lineLog = new LineLog(log);
  let fruits = 0;
  let fruitAtMs = scheduler.monotonicMs();
  function hearFigures(figures: LineReport): void {
    station.health.lineFigures(figures);
    if (figures.fruits !== fruits) fruitAtMs = scheduler.monotonicMs();
    fruits = figures.fruits;
    lineLog.hear(figures, scheduler.monotonicMs());
  }

  await station.updates.load();
  if (config.operatorPage !== undefined) {
    // Loaded only where it is wanted: a server takes memory.
    const { openOperatorPage } = await import('./operator-page.ts');
    page = await openOperatorPage({
      ...{ config: config.operatorPage, geometry },
      ...{ dataDir, address, boot, scheduler, line, onTrouble },
      onOpen: (url) => log.info({ url }, 'the operator’s page is open'),
      onDone: (what, fields) => log.info(fields, `operator: ${what}`),
      onMovedAside: (to) =>
        log.error({ to }, 'what the operator’s page remembered was damaged; it was moved aside'),
      facts: () => ({
        isLinkUp: station.link.isUp(),
        waitingRecords: reader.depth(),
        isDiskFull: isInMemory,
        ...deskFactsOf(station.updates.state),
      }),
    });
    undo.push(() => page?.stop());
    const since = page.pausedSince();
    if (since !== undefined) log.warn({ since }, 'grading is paused at the line');
  }
  undo.push(() => line.stop());
  await line.start();
  undo.push(() => station.stop());
  const checkpoints = setInterval(() => reader.checkpoint(), checkpointMs);
  undo.push(() => clearInterval(checkpoints));
  if (isInMemory) {
    const room = setInterval(() => {
      const isQuiet = scheduler.monotonicMs() - fruitAtMs > quietMs;
      // Between two fruits, unless records would soon be thrown away.
      if (hasRoomAgain(dataDir) && (isQuiet || counter.get('bytes') > limitBytes / 2)) onGone(roomAgain());
    }, roomMs);
    undo.push(() => clearInterval(room));
  }
  station.start();
  renewal = keepCertificate({
    ...{ identity, scheduler, random, onTrouble },
    store: openIdentityStore(dataDir),
    url: config.update.url ?? identity.deviceUrl,
    onRenewed: (certificatePem, endsAt) => {
      station.useCertificate(certificatePem);
      log.info({ endsAt }, 'the station has a new certificate');
    },
  });
  undo.push(() => renewal?.stop());
  renewal.start();
  const environment = deps.environment ?? {};
  const watchdog = new ServiceWatchdog({
    environment,
    notify: systemdNotify(environment),
    isAlive: (nowMs) => liveness.isAlive(nowMs),
    scheduler,
    onTrouble,
  });
  undo.push(() => watchdog.stop());
  watchdog.start();
  log.info({ ...address, boot, dataDir }, 'the agent runs');
  // Not waited for: loading a release takes a while, and the agent can be stopped meanwhile.
  void station.updates.start();
}

function roomAgain(): AppError {
  return new AppError('disk-has-room', 'the disk has room again', {
    hint: 'The agent starts again by itself, and stores what waited in memory.',
    retryable: true,
  });
}

function systemRandom(): Random {
  return { next: () => randomBytes(4).readUInt32BE() / 0x1_0000_0000 };
}

/** What systemd-timesyncd leaves behind once it has set the clock. */
function clockQuality(): Status['clock'] {
  return existsSync('/run/systemd/timesync/synchronized') ? 'synced' : 'unknown';
}
