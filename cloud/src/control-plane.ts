/** Wires the control plane together: one process with an embedded broker, a database and a data folder. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { openSigningKey, openTrustRepository, signDesired } from '@pomona/release';
import type {
  ChannelName,
  Claim,
  ClaimRequest,
  Clock,
  Desired,
  DesiredRequest,
  Overview,
} from '@pomona/wire';
import { BlobFolder } from './adapters/blob-folder.ts';
import { lockFolder } from './adapters/folder-lock.ts';
import { createApiServer, listenApp, type ServedRoute } from './adapters/http/api-server.ts';
import { createDeviceServer, renewDeviceServer } from './adapters/http/device-server.ts';
import { instanceIdOf } from './adapters/instance-id.ts';
import { EmbeddedBroker } from './adapters/mqtt/broker.ts';
import { parseBrokerUrl } from './adapters/mqtt/broker-url.ts';
import { ControlPlaneLink } from './adapters/mqtt/control-plane-link.ts';
import { hostInUrl, isWildcard } from './adapters/net/hosts.ts';
import { openPki } from './adapters/pki/open-pki.ts';
import { DataFolderFiles } from './adapters/served-files.ts';
import { setTimer } from './adapters/set-timer.ts';
import { lockDatabase } from './adapters/sql/database-lock.ts';
import { rememberDatabaseUrl, rememberedDatabaseUrl } from './adapters/sql/database-url.ts';
import { openDatabase } from './adapters/sql/open-database.ts';
import { openStores, type Stores } from './adapters/sql/open-stores.ts';
import { defaultKeepDays } from './domain/keep-days.ts';
import type { Feature, FeatureContext, WebhookOptions } from './features/feature.ts';
import { startFeatures } from './features/start-features.ts';
import { startMaintenance } from './maintenance.ts';
import { Access } from './use-cases/access.ts';
import { Alerts } from './use-cases/alerts.ts';
import { claimStation } from './use-cases/claim-station.ts';
import { enrolStation } from './use-cases/enrol-station.ts';
import { Ingest } from './use-cases/ingest.ts';
import { JobQueue } from './use-cases/job-queue.ts';
import { LiveFeed } from './use-cases/live-feed.ts';
import { orderStation } from './use-cases/order-station.ts';
import { overview, stationViews } from './use-cases/overview.ts';
import type { ChangedBy, DesiredSigner, Logger } from './use-cases/ports.ts';
import { addReader } from './use-cases/readers.ts';
import { receive } from './use-cases/receive.ts';
import { Rejections } from './use-cases/rejections.ts';
import { renewStation } from './use-cases/renew-station.ts';
import { TransferServer } from './use-cases/serve-transfer.ts';
import { publishAllDesired, setDesired } from './use-cases/set-desired.ts';
import { setShadow } from './use-cases/set-shadow.ts';
import { SitePace } from './use-cases/site-pace.ts';
import { SiteRules } from './use-cases/site-rules.ts';

/** In the data folder: how the command line of this machine is known. Only its owner can read it. */
export const cliTokenFile = 'cli-token';
/** Long enough for a command that writes, short enough that the event loop may stand still for it. */
const busyTimeoutMs = 500;

export interface ControlPlaneOptions {
  readonly dataFolder: string;
  /** `postgres://…`, remembered in the data folder; without it, what the folder remembers, else SQLite in it. */
  readonly databaseUrl?: string;
  /** 0 takes a free port, in all three. */
  readonly httpPort: number;
  readonly devicePort: number;
  readonly mqttPort: number;
  /** Where the API and the console listen. */
  readonly host?: string;
  /** Where devices and readers connect: device listener and broker. As `host` unless given. */
  readonly deviceHost?: string;
  /** The name or address by which devices reach this machine. */
  readonly publicHost?: string;
  /** `mqtts://host:8883` of a broker elsewhere, by which devices reach it too; without it one runs in this process. */
  readonly brokerUrl?: string;
  readonly webhooks?: WebhookOptions;
  /** Fruits, health, drift windows and samples without a label are deleted after so many days; 0 keeps all. */
  readonly keepDays?: number;
  /** How often what runs out is renewed and what is too old is deleted; every twelve hours unless given. */
  readonly maintainEveryMs?: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** The console's build, when it is not where it is built. */
  readonly consoleFolder?: string;
}

export interface ControlPlane {
  readonly urls: { readonly console: string; readonly device: string; readonly broker: string };
  readonly ports: { readonly http: number; readonly device: number; readonly mqtt: number };
  /** Pomona's own authority, by which devices and readers know this control plane. */
  readonly caPem: string;
  readonly caFile: string;
  readonly stores: Stores;
  /** Makes its bearer an admin while this control plane runs; also in `cli-token` in the data folder. */
  readonly localToken: string;
  readonly routes: readonly ServedRoute[];
  claim(request: ClaimRequest): Promise<Claim>;
  /** As this program itself has a station run something: no gate is asked, as one is for persons. */
  setDesired(station: string, request: DesiredRequest, by?: ChangedBy): Promise<Desired>;
  addReader(user: string, password: string, channels?: readonly ChannelName[]): Promise<void>;
  overview(): Promise<Overview>;
  /** Where the first admin is made, once; null when there is one. */
  setUpUrl(): Promise<string | null>;
  /** Where somebody is signed in as an admin, once. */
  signInUrl(name: string): Promise<string>;
  /** Aborts when another control plane took over the database; this one must be stopped then. */
  readonly lost: AbortSignal;
  /** Can be called twice. What was not acknowledged will be sent again. */
  stop(): Promise<void>;
}

/**
 * Errors: `broker-unreachable`, `broker-url-invalid`, `database-in-use`, `database-unreachable`, `database-url-invalid`, `data-folder-in-use`, `data-folder-newer`, `data-folder-not-writable`, `port-in-use`, `port-not-allowed`,
 * `pki-damaged`, `trust-repository`.
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const started = new Started();
  try {
    return await start(options, started);
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function start(options: ControlPlaneOptions, started: Started): Promise<ControlPlane> {
  const { dataFolder, logger, clock, host = '127.0.0.1', deviceHost = host } = options;
  const publicHost = options.publicHost ?? (isWildcard(deviceHost) ? hostname() : deviceHost);
  const lock = await lockFolder(dataFolder, clock);
  started.add(() => lock.release());
  if (options.databaseUrl !== undefined) await rememberDatabaseUrl(dataFolder, options.databaseUrl);
  const databaseUrl = rememberedDatabaseUrl(dataFolder);
  const lost = new AbortController();
  if (databaseUrl !== undefined) {
    const leadership = await lockDatabase(databaseUrl, (error) => {
      logger.error({ code: error.code }, `${error.message}; this control plane stops`);
      lost.abort(error);
    });
    started.add(() => leadership.release());
  }
  const db = await openDatabase(dataFolder, { busyTimeoutMs });
  started.add(() => db.destroy());
  const stores = openStores(db);
  await stores.stations.markAllOffline();
  const pki = await openPki(join(dataFolder, 'pki'), clock, [publicHost, hostname()]);
  const trustFolders = { folder: join(dataFolder, 'trust'), keysFolder: join(dataFolder, 'keys'), clock };
  // Other processes publish to the repository too, so it is opened anew rather than kept.
  let trust = await openTrustRepository(trustFolders);
  const desiredKey = await openSigningKey(join(dataFolder, 'keys', 'desired.pem'));

  const elsewhere = options.brokerUrl === undefined ? undefined : parseBrokerUrl(options.brokerUrl);
  const rejections = new Rejections(logger);
  const broker =
    options.brokerUrl === undefined
      ? new EmbeddedBroker({
          host: deviceHost,
          port: options.mqttPort,
          identity: pki.server,
          caPem: pki.authority.certificatePem,
          stores,
          rejections,
          logger,
        })
      : undefined;
  const mqttPort = broker ? await broker.start() : Number(elsewhere?.port || 8883);
  started.add(() => broker?.stop());

  const files = new DataFolderFiles(join(dataFolder, 'blobs'), (file) => trust.readMetadata(file));
  started.add(() => files.close());
  const link: ControlPlaneLink = new ControlPlaneLink({
    url:
      options.brokerUrl ??
      `mqtts://${hostInUrl(isWildcard(deviceHost) ? 'localhost' : deviceHost)}:${mqttPort}`,
    caPem: pki.authority.certificatePem,
    identity: pki.client,
    onMessage: (topic, payload) => receive({ ingest, transfers, rejections }, topic, payload),
    onConnected: () => {
      publishAllDesired({ desired: stores.desired, link, logger }).catch((error: unknown) =>
        logger.error({ err: error }, 'could not publish the desired states'),
      );
    },
    logger,
  });
  const pace = new SitePace({ clock, after: setTimer });
  const sites = new SiteRules({ store: stores.sites, stations: stores.stations, pace, clock });
  await sites.load();
  const overviewPorts = { ...stores, clock };
  const viewStations = async (names: readonly string[]) =>
    stationViews(overviewPorts, await stores.stations.findMany(names));
  const feed = new LiveFeed({ viewStations, logger });
  const blobs = new BlobFolder(dataFolder);
  let features: readonly Feature[] = [];
  const ingest: Ingest = new Ingest({
    store: stores.telemetry,
    parts: stores.sampleParts,
    stations: stores.stations,
    blobs,
    link,
    rejections,
    clock,
    logger,
    sites,
    onCommitted: (news) => {
      feed.tell(news);
      for (const feature of features) feature.onCommitted?.(news);
    },
  });
  const transfers: TransferServer = new TransferServer({
    ...{ files, link: broker ?? link, sites, pace, rejections, logger },
  });
  started.add(() => link.stop());
  await link.start();
  started.add(() => ingest.stop());
  started.add(() => transfers.stop());

  const signer: DesiredSigner = { sign: (desired) => signDesired(desired, desiredKey) };
  const isWaiting: FeatureContext['isWaiting'] = (release) => trust.isWaiting(release);
  const desiredPorts = { ...stores, isWaiting, signer, link, clock, logger };
  const brokerUrl = options.brokerUrl ?? `mqtts://${hostInUrl(publicHost)}:${mqttPort}`;
  const deviceServer = createDeviceServer({
    identity: pki.server,
    caPem: pki.authority.certificatePem,
    blobsFolder: blobs.folder,
    readMetadata: (file) => trust.readMetadata(file),
    ...{ stores, sites, pace, clock, logger },
    renew: (shown, request) =>
      renewStation({ stations: stores.stations, signStation: pki.signStation, clock }, shown, request),
    enrol: (request) =>
      enrolStation(
        {
          claims: stores.claims,
          signStation: pki.signStation,
          clock,
          caPem: pki.authority.certificatePem,
          brokerUrl,
          deviceUrl: () => deviceUrl,
          trustRoot: () => trust.rootJson(),
          desiredKeyPem: desiredKey.publicKeyPem,
        },
        request,
      ),
  });
  started.add(() => deviceServer.close());
  const devicePort = await listenApp(deviceServer, {
    host: deviceHost,
    port: options.devicePort,
    purpose: 'enrolment',
    flag: '--device-port',
  });
  const deviceUrl: string = `https://${hostInUrl(publicHost)}:${devicePort}`;
  const claim = (request: ClaimRequest) =>
    claimStation({ ...stores, clock, enrolUrl: deviceUrl, caSha256: pki.authority.sha256 }, request);

  const runner = await instanceIdOf(dataFolder);
  const jobs = new JobQueue({ jobs: stores.jobs, clock, logger, runner });
  const alerts = new Alerts({ store: stores.alerts, clock, logger });
  features = await startFeatures({
    alerts,
    sites,
    ...(options.webhooks === undefined ? {} : { webhooks: options.webhooks }),
    jobs,
    dataFolder,
    db,
    stores,
    link,
    feed,
    clock,
    logger,
    isWaiting,
    figures: () => ({ brokerClients: broker?.clients ?? null, ingest: ingest.figures }),
    viewStations: async (names) =>
      names ? viewStations(names) : stationViews(overviewPorts, await stores.stations.list()),
    setDesired: (station, request, by) => setDesired(desiredPorts, station, request, by),
    setShadow: (station, shadow, by) => setShadow(desiredPorts, station, shadow, by),
  });
  for (const feature of features) started.add(() => feature.stop?.());
  started.add(() => jobs.stop());
  await jobs.start();

  const access = new Access({ store: stores.access, clock });
  const { app: apiServer, routes } = await createApiServer({
    access,
    clock,
    features,
    publicHosts: options.publicHost === undefined ? [] : [options.publicHost],
    feed,
    logger,
    ...(options.consoleFolder === undefined ? {} : { consoleFolder: options.consoleFolder }),
    ports: {
      version: readVersion(),
      overview: () => overview(overviewPorts),
      stations: async () => stationViews(overviewPorts, await stores.stations.list()),
      station: async (station) => (await viewStations([station]))[0],
      claim,
      orderStation: (station, request, actor) => orderStation(desiredPorts, station, request, actor),
      fruits: (query) => stores.fruits.list(query),
      datasets: stores.datasets,
      models: stores.models,
    },
  });
  started.add(() => apiServer.close());
  const httpPort = await listenApp(apiServer, {
    host,
    port: options.httpPort,
    purpose: 'the console',
    flag: '--http-port',
  });

  const { keepDays = defaultKeepDays, maintainEveryMs } = options;
  const renew = async () => {
    trust = await openTrustRepository(trustFolders);
    const { server, client } = await pki.renew();
    broker?.renew(server);
    renewDeviceServer(deviceServer, server, pki.authority.certificatePem);
    link.renew(client);
  };
  started.add(startMaintenance({ db, blobs, keepDays, everyMs: maintainEveryMs, renew, clock, logger }));

  const tokenFile = join(dataFolder, cliTokenFile);
  rmSync(tokenFile, { force: true });
  writeFileSync(tokenFile, access.localToken, { mode: 0o600, flag: 'wx' });
  started.add(() => rmSync(tokenFile, { force: true }));

  const consoleHost = isWildcard(host) ? 'localhost' : host;
  const consoleUrl = `http://${hostInUrl(consoleHost)}:${httpPort}`;
  return {
    urls: { console: consoleUrl, device: deviceUrl, broker: brokerUrl },
    ports: { http: httpPort, device: devicePort, mqtt: mqttPort },
    caPem: pki.authority.certificatePem,
    caFile: pki.caFile,
    stores,
    localToken: access.localToken,
    routes,
    setUpUrl: async () =>
      (await access.setupNeeded())
        ? `${consoleUrl}/setup#token=${await access.createLink('setup', 'admin')}`
        : null,
    signInUrl: async (name) => `${consoleUrl}/sign-in#token=${await access.createLink('sign-in', name)}`,
    claim,
    setDesired: (station, request, by) => setDesired(desiredPorts, station, request, by),
    addReader: (user, password, channels) =>
      addReader({ readers: stores.readers, clock }, user, password, channels),
    overview: () => overview(overviewPorts),
    lost: lost.signal,
    stop: () => started.stop(),
  };
}

/** What runs, to be stopped in the reverse order; one that fails to stop does not keep the others running. */
class Started {
  readonly #stops: (() => void | Promise<void>)[] = [];
  #stopping: Promise<void> | undefined;

  add(stop: () => unknown): void {
    this.#stops.push(async () => {
      await stop();
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let stop = this.#stops.pop(); stop; stop = this.#stops.pop()) {
      try {
        await stop();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'could not stop cleanly');
  }
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
