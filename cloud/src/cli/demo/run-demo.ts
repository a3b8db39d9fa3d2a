/** The whole of Pomona on one machine: dataset, training, release, control plane, two agents, a line each, a summary. */
import { join } from 'node:path';
import type { OperatorPageConfig } from '@pomona/firmware-config';
import type { ScenarioName } from '@pomona/orchard';
import { makeFolder } from '@pomona/release';
import {
  type DatasetView,
  type DriftDetail,
  type DriftSummary,
  type ModelView,
  type StationView,
  systemClock,
} from '@pomona/wire';
import { pino } from 'pino';
import { rememberDatabaseUrl } from '../../adapters/sql/database-url.ts';
import type { SqlModelRegistry } from '../../adapters/sql/sql-model-registry.ts';
import type { ControlPlane } from '../../control-plane.ts';
import { changeAlias } from '../../use-cases/change-alias.ts';
import type { Output } from '../output.ts';
import { announceServer, callServer, findServer, withdrawServer } from '../running-server.ts';
import { trainFromTerminal } from '../train.ts';
import { withRegistry } from '../with-registry.ts';
import { demoChampion } from './demo-champion.ts';
import { DemoStation } from './demo-station.ts';
import { handOver } from './hand-over.ts';
import { labelStations } from './label-by-truth.ts';
import { makeDataset } from './make-dataset.ts';
import { operatorPages } from './operator-pages.ts';
import { startOnRememberedPorts } from './remembered-ports.ts';
import { ScenarioWatch } from './scenario-watch.ts';
import { addScores, type GradedOnLine, type LineScore, type Stretch, scoreLine } from './score-line.ts';
import { type DemoSummary, summarise } from './summary.ts';
import { watchLine } from './watch-line.ts';

export interface DemoOptions {
  readonly dataFolder: string;
  /** PostgreSQL instead of a file in the data folder. */
  readonly databaseUrl?: string;
  readonly images?: string;
  /** A folder that the cameras show as fruit rolling by, instead of drawn apples. */
  readonly replay?: string;
  /** Happens on every line, from when its drift baseline is complete. */
  readonly scenario?: ScenarioName;
  /** Ends when the scenario was judged on every line. */
  readonly untilJudged: boolean;
  readonly seed: number;
  readonly agents: number;
  readonly fruitsPerSecond: number;
  /** Ends after so many fruits; undefined runs until interrupted. */
  readonly fruits?: number;
  readonly epochs?: number;
  readonly trainingFruits: number;
  /** What stations send for labelling is labelled with what their lines know. */
  readonly labelsByTruth: boolean;
}

const modelName = 'apples';
const driftWindowFruits = 100;
/** Fruit that was in view when grading began was not seen whole. */
const viewMm = 640 * 0.9;
const fruitsReadMax = 1_000_000;

/** Throws an `AbortError` when interrupted before the line runs; after that an interrupt ends it with a summary. */
export async function runDemo(
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<{ summary: DemoSummary; labels: readonly string[] }> {
  await makeFolder(options.dataFolder);
  const { databaseUrl } = options;
  if (databaseUrl !== undefined) await rememberDatabaseUrl(options.dataFolder, databaseUrl);
  const model = await withRegistry(options.dataFolder, async (registry) => {
    const { datasets, models, project, photographs } = registry;
    const dataset = await makeDataset({ ...options, datasets, project, photographs, output, signal });
    signal.throwIfAborted();
    const model =
      (await findTrained(models, dataset, options, output)) ??
      (await trainFromTerminal({
        dataFolder: options.dataFolder,
        dataset,
        name: modelName,
        network: demoChampion.network,
        seed: options.seed,
        ...(options.epochs === undefined ? {} : { epochs: options.epochs }),
        actor: 'demo',
        registry,
        output,
        signal,
      }));
    await promote(models, model);
    return model;
  });
  signal.throwIfAborted();

  const logFile = join(options.dataFolder, 'control-plane.log');
  const { controlPlane, moved } = await startOnRememberedPorts({
    dataFolder: options.dataFolder,
    logger: pino({ level: 'info' }, pino.destination({ dest: logFile, sync: true })),
    clock: systemClock,
  });
  const startedAt = new Date(systemClock.nowMs()).toISOString();
  const stations: DemoStation[] = [];
  try {
    announceServer(options.dataFolder, { pid: process.pid, urls: controlPlane.urls });
    output.say(`console   ${await controlPlane.signInUrl('demo')}`);
    output.say('          signs in as an admin, once; Settings there adds users');
    output.say(
      `keys      ${join(options.dataFolder, 'keys')}: whoever has them makes releases; see pomona keys list`,
    );
    const { pin, pages } = await operatorPages(options.dataFolder, options.agents);
    for (const station of createStations(options, pages)) {
      if (moved) await station.replaceBoard();
      stations.push(station);
      await station.start(station.isEnrolled ? undefined : await controlPlane.claim(station.address));
    }
    const urls = stations.map((station) => `${station.pageUrl} (${station.address.station})`);
    output.say(`at the line ${urls.join(', ')}`);
    output.say(`          the operators’ pages; PIN ${pin} to pause and to correct`);
    await handOver(controlPlane, stations, model, output, signal);
    const scenario = watchScenario(options, controlPlane, stations, output);
    const labelledMeanwhile = await watchLine({
      ...{ controlPlane, stations, scenario, output, signal },
      ...(options.fruits === undefined ? {} : { fruits: options.fruits }),
      untilJudged: options.untilJudged,
      labelsByTruth: options.labelsByTruth,
    });
    await Promise.all(stations.map((station) => station.stop()));
    const labelledSamples =
      labelledMeanwhile + (options.labelsByTruth ? await labelStations(controlPlane, stations) : 0);
    const summary = await conclude(controlPlane, stations, model, startedAt, labelledSamples);
    const windows = await callServer<DriftSummary[]>(findServer(options.dataFolder), '/v1/drift');
    return {
      summary: {
        ...summary,
        driftWindows: windows.reduce((sum, { windowCount }) => sum + windowCount, 0),
        ...(scenario === undefined ? {} : { scenario: await scenario.summary() }),
      },
      labels: model.labels,
    };
  } finally {
    await Promise.all(stations.map((station) => station.stop()));
    withdrawServer(options.dataFolder);
    await controlPlane.stop();
  }
}

function createStations(options: DemoOptions, pages: readonly OperatorPageConfig[]): DemoStation[] {
  return Array.from({ length: options.agents }, (_, i) => {
    const address = { site: 'demo', line: `line-${i + 1}`, station: `camera-${i + 1}` };
    const source = options.replay === undefined ? [] : ['--replay', options.replay];
    return new DemoStation({
      address,
      folder: join(options.dataFolder, 'stations', address.station),
      // Seeds of lines are far from those of datasets, which count up from the same number.
      windowFruits: driftWindowFruits,
      operatorPage: pages[i]!,
      cameraArguments: [
        ...['--seed', String(options.seed + 1_000_003 * (i + 1)), '--rate', String(options.fruitsPerSecond)],
        ...source,
        ...(options.scenario === undefined ? [] : ['--scenario', options.scenario]),
      ],
    });
  });
}

function watchScenario(
  { scenario, dataFolder }: DemoOptions,
  { stores }: ControlPlane,
  stations: readonly DemoStation[],
  output: Output,
): ScenarioWatch | undefined {
  if (scenario === undefined) return undefined;
  const server = findServer(dataFolder);
  return new ScenarioWatch(scenario, {
    stations,
    drift: (station, windows) => callServer<DriftDetail>(server, `/v1/drift/${station}?windows=${windows}`),
    alerts: () => stores.alerts.list(),
    nowMs: () => systemClock.nowMs(),
    say: (line) => output.say(line),
  });
}

/** The demo shows what it trained, good or not; the log says which gates that overrode. */
async function promote(models: SqlModelRegistry, model: ModelView): Promise<void> {
  const champion = (await models.aliases(model.name)).find(({ alias }) => alias === 'champion');
  if (champion?.version === model.version) return;
  await changeAlias(
    { models, clock: systemClock },
    { name: model.name, alias: 'champion' },
    { version: model.version, reason: 'the demo runs what it trained', override: true },
    { name: 'demo', isAdmin: true },
  );
}

async function findTrained(
  models: { list(): Promise<ModelView[]> },
  dataset: DatasetView,
  options: DemoOptions,
  output: Output,
): Promise<ModelView | undefined> {
  const found = (await models.list()).find(
    (model) =>
      model.name === modelName &&
      model.dataset.digest === dataset.digest &&
      model.seed === options.seed &&
      (options.epochs === undefined || model.parameters.epochs === options.epochs),
  );
  if (found !== undefined) output.say(`model     ${found.name}@${found.version} is trained already`);
  return found;
}

/** Scores each line from the first fruit that was seen whole to the last that was stored. */
async function conclude(
  controlPlane: ControlPlane,
  stations: readonly DemoStation[],
  model: ModelView,
  startedAt: string,
  labelledSamples: number,
): Promise<ReturnType<typeof summarise>> {
  const scores: LineScore[] = [];
  const latenciesMs: number[] = [];
  let missedDeadlines = 0;
  const views = (await controlPlane.overview()).stations;
  const ours: StationView[] = [];
  for (const station of stations) {
    const view = views.find((each) => each.station === station.address.station);
    const boot = view?.reported?.boot;
    const stored = await controlPlane.stores.fruits.list({
      station: station.address.station,
      limit: fruitsReadMax,
    });
    const graded = stored.filter((fruit) => fruit.boot === boot);
    scores.push(scoreLine(await station.readTruth(), graded, model.labels, commonStretch(graded)));
    latenciesMs.push(...graded.filter((fruit) => fruit.views > 0).map((fruit) => fruit.latencyMs));
    missedDeadlines += graded.filter((fruit) => fruit.outcome === 'late').length;
    if (view !== undefined) ours.push({ ...view, fruits: graded.length });
  }
  const score = addScores(scores, model.labels);
  const alerts = (await controlPlane.stores.alerts.list())
    .filter(({ openedAt }) => openedAt >= startedAt)
    .map(({ kind, station, title, openedAt }) => ({ kind, station, title, openedAt }));
  return summarise({ alerts, score, latenciesMs, missedDeadlines, labelledSamples, model, stations: ours });
}

/** The stretch of belt over which both lists are complete and every fruit was seen whole. */
function commonStretch(graded: readonly GradedOnLine[]): Stretch {
  const positions = graded.map((fruit) => fruit.positionMm);
  return {
    fromMm: positions.reduce((low, each) => Math.min(low, each), Number.POSITIVE_INFINITY) + viewMm,
    toMm: positions.reduce((high, each) => Math.max(high, each), Number.NEGATIVE_INFINITY) - viewMm / 2,
  };
}
