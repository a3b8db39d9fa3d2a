/** The whole of Pomona on one machine: dataset, training, release, control plane, two agents, a line each, a summary. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError, type DatasetView, type ModelView, type StationView, systemClock } from '@pomona/wire';
import { pino } from 'pino';
import { rememberDatabaseUrl } from '../../adapters/sql/database-url.ts';
import type { SqlModelRegistry } from '../../adapters/sql/sql-model-registry.ts';
import type { ControlPlane } from '../../control-plane.ts';
import { baselineWindows } from '../../domain/drift-baseline.ts';
import { changeAlias } from '../../use-cases/change-alias.ts';
import type { Output } from '../output.ts';
import { announceServer, withdrawServer } from '../running-server.ts';
import { trainFromTerminal } from '../train.ts';
import { withRegistry } from '../with-registry.ts';
import { DemoStation } from './demo-station.ts';
import { labelStations } from './label-by-truth.ts';
import { makeDataset } from './make-dataset.ts';
import { startOnRememberedPorts } from './remembered-ports.ts';
import { addScores, type GradedOnLine, type LineScore, type Stretch, scoreLine } from './score-line.ts';
import { type DemoSummary, summarise } from './summary.ts';

export interface DemoOptions {
  readonly dataFolder: string;
  /** PostgreSQL instead of a file in the data folder. */
  readonly databaseUrl?: string;
  readonly images?: string;
  /** A folder that the cameras show as fruit rolling by, instead of drawn apples. */
  readonly replay?: string;
  /** Happens on every line, from when its drift baseline is complete. */
  readonly scenario?: string;
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
const pollMs = 500;
const driftWindowFruits = 100;
const activationTimeoutMs = 120_000;
/** Fruit that was in view when grading began was not seen whole. */
const viewMm = 640 * 0.9;
const fruitsReadMax = 1_000_000;

/** Throws an `AbortError` when interrupted before the line runs; after that an interrupt ends it with a summary. */
export async function runDemo(
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<{ summary: DemoSummary; labels: readonly string[] }> {
  await mkdir(options.dataFolder, { recursive: true });
  const { databaseUrl } = options;
  if (databaseUrl !== undefined) await rememberDatabaseUrl(options.dataFolder, databaseUrl);
  const model = await withRegistry(options.dataFolder, async (registry) => {
    const { datasets, models } = registry;
    const dataset = await makeDataset({ ...options, datasets, output, signal });
    signal.throwIfAborted();
    const model =
      (await findTrained(models, dataset, options, output)) ??
      (await trainFromTerminal({
        dataFolder: options.dataFolder,
        dataset,
        name: modelName,
        network: 'sequential',
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
    for (const station of createStations(options)) {
      if (moved) await station.replaceBoard();
      stations.push(station);
      await station.start(station.isEnrolled ? undefined : await controlPlane.claim(station.address));
    }
    await handOver(controlPlane, stations, model, output, signal);
    const labelledMeanwhile = await watchLine(controlPlane, stations, options, output, signal);
    await Promise.all(stations.map((station) => station.stop()));
    const labelledSamples =
      labelledMeanwhile + (options.labelsByTruth ? await labelStations(controlPlane, stations) : 0);
    const summary = await conclude(controlPlane, stations, model, startedAt, labelledSamples);
    return { summary, labels: model.labels };
  } finally {
    await Promise.all(stations.map((station) => station.stop()));
    withdrawServer(options.dataFolder);
    await controlPlane.stop();
  }
}

function createStations(options: DemoOptions): DemoStation[] {
  return Array.from({ length: options.agents }, (_, i) => {
    const address = { site: 'demo', line: `line-${i + 1}`, station: `camera-${i + 1}` };
    const source = options.replay === undefined ? [] : ['--replay', options.replay];
    return new DemoStation({
      address,
      folder: join(options.dataFolder, 'stations', address.station),
      // Seeds of lines are far from those of datasets, which count up from the same number.
      windowFruits: driftWindowFruits,
      cameraArguments: [
        ...['--seed', String(options.seed + 1_000_003 * (i + 1)), '--rate', String(options.fruitsPerSecond)],
        ...source,
        ...scenarioArguments(options),
      ],
    });
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

/** Tells the stations what to run and waits until they do. Errors: `agent-ended`, `release-refused`, `activation-slow`. */
async function handOver(
  controlPlane: ControlPlane,
  stations: readonly DemoStation[],
  model: ModelView,
  output: Output,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set(stations.map((station) => station.address.station));
  const deadline = systemClock.monotonicMs() + activationTimeoutMs;
  const desired = new Set<string>();
  const told = new Map<string, string>();
  for (;;) {
    signal.throwIfAborted();
    for (const station of stations) station.checkAlive();
    const views = (await controlPlane.overview()).stations.filter((view) => names.has(view.station));
    for (const view of views) {
      if (view.enrolledAt !== null && !desired.has(view.station)) {
        await controlPlane.setDesired(view.station, {
          release: { name: model.name, version: model.version },
        });
        desired.add(view.station);
      }
      const state = describeUpdate(view, model);
      if (told.get(view.station) !== state) output.say(`  ${view.station}: ${state}`);
      told.set(view.station, state);
      if (view.reported?.update.state === 'failed' && isOf(view.reported.update.release, model)) {
        throw new AppError('release-refused', `${view.station}: ${view.reported.update.reason}`, {
          hint: 'The agent’s log has more.',
        });
      }
    }
    if (views.length === names.size && views.every((view) => runs(view, model))) return;
    if (systemClock.monotonicMs() > deadline) {
      throw new AppError('activation-slow', 'the agents did not take the release in time', {
        hint: `See their logs: ${stations.map((station) => station.logFile).join(', ')}`,
      });
    }
    await pause(pollMs);
  }
}

function describeUpdate(view: StationView, model: ModelView): string {
  if (runs(view, model)) return `runs ${model.name}@${model.version}`;
  if (view.enrolledAt === null) return 'waits to be enrolled';
  const update = view.reported?.update;
  if (update === undefined) return 'enrolled';
  return update.state;
}

function runs(view: StationView, model: ModelView): boolean {
  return view.status?.state === 'online' && isOf(view.reported?.running?.release, model);
}

function isOf(release: { readonly digest: string } | null | undefined, model: ModelView): boolean {
  return release?.digest === model.digest;
}

function scenarioArguments({ scenario, fruitsPerSecond }: DemoOptions): string[] {
  if (scenario === undefined) return [];
  // Some fruit leave the view late or unseen; a scenario within the baseline would be part of it.
  const fromS = Math.ceil((1.1 * baselineWindows * driftWindowFruits) / fruitsPerSecond) + 5;
  return ['--scenario', scenario, '--scenario-from', String(fromS)];
}

/** Until enough fruits are stored, or an interrupt. Returns how many samples it labelled. Error: `agent-ended`. */
async function watchLine(
  controlPlane: ControlPlane,
  stations: readonly DemoStation[],
  options: DemoOptions,
  output: Output,
  signal: AbortSignal,
): Promise<number> {
  const wanted = options.fruits === undefined ? '' : ` until ${options.fruits} fruits have passed`;
  output.say(`grading${wanted}; Ctrl-C ends it with a summary`);
  const before = await countFruits(controlPlane);
  const known = new Set((await controlPlane.stores.alerts.list()).map(({ id }) => id));
  let labelled = 0;
  for (let polls = 1; !signal.aborted; polls++) {
    await pause(pollMs);
    for (const station of stations) station.checkAlive();
    const graded = (await countFruits(controlPlane)) - before;
    for (const { id, kind, station, title, detail } of await controlPlane.stores.alerts.list()) {
      if (known.has(id)) continue;
      known.add(id);
      output.say(`  alert ${kind} on ${station ?? 'all'} after ${graded} fruits: ${title}. ${detail}`);
    }
    if (polls % 20 === 0) {
      if (options.labelsByTruth) labelled += await labelStations(controlPlane, stations);
      const also = labelled === 0 ? '' : `, ${labelled} samples labelled`;
      output.say(`  ${graded} fruits graded${also}`);
    }
    if (options.fruits !== undefined && graded >= options.fruits) break;
  }
  return labelled;
}

async function countFruits(controlPlane: ControlPlane): Promise<number> {
  return (await controlPlane.overview()).fruits;
}

/** Scores each line from the first fruit that was seen whole to the last that was stored. */
async function conclude(
  controlPlane: ControlPlane,
  stations: readonly DemoStation[],
  model: ModelView,
  startedAt: string,
  labelledSamples: number,
): Promise<DemoSummary> {
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
