/**
 * A line at full rate for minutes: a control plane, a whole agent, a film of a busy belt; and, where asked for, a network that goes away, a
 * control plane with its broker that is started again, releases that are swapped, a camera that dies, a disk that is full.
 */
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLineGeometry } from '@pomona/grading';
import type { BenchResult } from '@pomona/training';
import { AppError, type ModelView, systemClock } from '@pomona/wire';
import { pino } from 'pino';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { pause } from '../use-cases/pause.ts';
import { benchResult } from './bench-plane.ts';
import { drawDataset } from './draw-dataset.ts';
import { beltOf, drawFilm, framesPerSFor, geometryOf } from './draw-film.ts';
import { openProxy } from './flapping-proxy.ts';
import { checkMayFill, fillDisk } from './full-disk.ts';
import { installedBytes } from './installed-size.ts';
import { type Fault, type FaultPlan, LineFaults } from './line-faults.ts';
import { installationRows, lineRows, readFirstGrade, readStored } from './line-rows.ts';
import { LineStation } from './line-station.ts';
import { LineWatch } from './line-watch.ts';
import type { Output } from './output.ts';
import { trainFromTerminal } from './train.ts';
import { withRegistry } from './with-registry.ts';

export interface BenchLine extends FaultPlan {
  readonly minutes: number;
  readonly lanes: number;
  /** Fruits per second of a lane. */
  readonly rate: number;
  /** Of a fruit. */
  readonly views: number;
  /** Its newest models, in a copy of it, instead of ones that are trained for this. */
  readonly data?: string;
  /** Where the agent keeps its data; on a small disk of its own if that is to be filled. */
  readonly agentData?: string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

const address = { site: 'bench', line: 'line-1', station: 'bench-line' };
const modelName = 'bench-line';
const trainingFruits = 400;
const trainingEpochs = 3;
const filmFruits = 240;
const warmUpMs = 15_000;
const cutMs = 4_000;
const fullMs = 10_000;
const pollMs = 500;
const slowMs = 60_000;
const planeHost = '127.0.0.1';
/** Another address of this machine: there the agent meets the proxy where the network is to go away. */
const agentHost = '127.0.0.2';

export async function benchLine(request: BenchLine): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'pomona-line-'));
  try {
    const result = await inFolder(request, folder);
    await rm(folder, { recursive: true, force: true });
    return result;
  } catch (error) {
    if (request.signal.aborted) await rm(folder, { recursive: true, force: true });
    else request.output.say(`the logs are kept in ${folder}`);
    throw error;
  }
}

async function inFolder(request: BenchLine, folder: string): Promise<BenchResult> {
  const { output, signal, lanes, minutes, agentData = folder } = request;
  if (request.fillDiskS !== undefined) await checkMayFill(agentData);
  const dataFolder = join(folder, 'plane');
  const models =
    request.data === undefined
      ? await trainModels(request, dataFolder)
      : await copyModels(request.data, dataFolder, modelsFor(request));
  const geometry = geometryOf(defaultLineGeometry, lanes);
  const filmFile = join(folder, 'film');
  const film = await drawBusyFilm(request, filmFile);
  const host = request.flapS === undefined ? planeHost : agentHost;
  let plane = await openPlane(dataFolder, folder, host);
  const { ports } = plane;
  const proxy = host === planeHost ? undefined : await openProxy(host, planeHost, [ports.mqtt, ports.device]);
  const station = new LineStation({
    address,
    folder,
    dataDir: join(agentData, 'agent'),
    geometry,
    filmFile,
    ...film,
  });
  const watch = new LineWatch();
  let running = 0;
  let makeRoom: (() => Promise<void>) | undefined;
  try {
    const claim = await plane.claim(address);
    await station.start(claim);
    await until(async () => (await recordOf(plane))?.enrolledAtMs != null, 'the enrolment');
    await run();
    await until(async () => ((await look())?.fruits ?? 0) > 0, 'the first fruit');
    output.say(`the line runs; ${warmUpMs / 1000} s to warm up, then ${minutes} min`);
    await pause(warmUpMs, signal);
    const fromMs = systemClock.nowMs();
    station.trace.pausesMs.length = 0;
    const faults = new LineFaults(request, minutes * 60_000);
    for (let spentMs = 0; spentMs < minutes * 60_000; spentMs = systemClock.nowMs() - fromMs) {
      signal.throwIfAborted();
      station.checkAlive();
      await look();
      for (const fault of faults.due(spentMs)) await befall(fault);
      await pause(pollMs, signal);
    }
    const pausesMs = [...station.trace.pausesMs];
    proxy?.cut(false);
    await makeRoom?.();
    const toMs = systemClock.nowMs();
    await station.endFilm();
    await until(async () => {
      const health = await look();
      return health !== undefined && health.framesPerSecond === 0 && health.outboxDepth <= 1;
    }, 'the last records');
    // Records of the time when the network was away come late.
    const figures = watch.figures(fromMs, toMs);
    if (figures === undefined) throw tooSlow('the station’s health');
    const found = { stored: await readStored(dataFolder, fromMs), decided: watch.decided };
    const rows = lineRows(request, figures, found, pausesMs, faults);
    output.say('the agent starts again');
    await station.stop();
    const startedAtMs = systemClock.nowMs();
    await station.start(claim);
    let firstGradeAtMs: number | undefined;
    await until(async () => {
      firstGradeAtMs = await readFirstGrade(dataFolder, startedAtMs);
      return firstGradeAtMs !== undefined;
    }, 'the first fruit after a start');
    const start = {
      firstGradeMs: firstGradeAtMs! - startedAtMs,
      emptyMs: (1000 * film.emptyFrames) / film.framesPerS,
    };
    return benchResult('line', [...rows, ...installationRows(start, await installedBytes())]);
  } finally {
    await makeRoom?.();
    await station.stop();
    await proxy?.stop();
    await plane.stop();
  }

  async function look() {
    const health = (await recordOf(plane))?.health ?? undefined;
    if (health !== undefined) watch.take(health);
    return health;
  }

  async function run(): Promise<void> {
    const { name, version } = models[running % models.length]!;
    await plane.setDesired(address.station, { release: { name, version } });
  }

  async function befall(fault: Fault): Promise<void> {
    output.say(fault);
    if (fault === 'camera killed') station.killCamera();
    if (fault === 'network away') {
      proxy?.cut(true);
      setTimeout(() => proxy?.cut(false), cutMs).unref();
    }
    if (fault === 'control plane restarted') {
      await plane.stop();
      plane = await openPlane(dataFolder, folder, host, ports);
    }
    if (fault === 'disk full') {
      makeRoom = await fillDisk(agentData);
      setTimeout(() => void makeRoom?.(), fullMs).unref();
    }
    if (fault === 'release swapped') {
      running++;
      await run();
    }
  }

  async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
    for (let leftMs = slowMs; !(await isSo()); leftMs -= pollMs) {
      signal.throwIfAborted();
      station.checkAlive();
      if (leftMs <= 0) throw tooSlow(what);
      await pause(pollMs, signal);
    }
  }
}

/** Two where releases are swapped. */
function modelsFor({ swaps }: BenchLine): number {
  return swaps > 0 ? 2 : 1;
}

/** The newest. Error: `model-unknown`. */
async function copyModels(data: string, dataFolder: string, count: number): Promise<ModelView[]> {
  const newest = await withRegistry(data, async ({ models }) =>
    (await models.list()).sort((a, b) => b.createdAt.localeCompare(a.createdAt)).slice(0, count),
  );
  if (newest.length < count)
    throw new AppError(
      'model-unknown',
      `there are ${newest.length} models in ${data}, and ${count} are needed`,
      {
        hint: 'Train with `pomona train`, or leave out --data.',
      },
    );
  await cp(data, dataFolder, { recursive: true });
  return newest;
}

/** What they are worth does not matter here. */
async function trainModels(request: BenchLine, dataFolder: string): Promise<ModelView[]> {
  const { output, signal } = request;
  await mkdir(dataFolder);
  return withRegistry(dataFolder, async (registry) => {
    const { datasets } = registry;
    const drawn = { name: modelName, seed: 1, fruits: trainingFruits };
    const dataset = await drawDataset({ dataFolder, ...drawn, datasets, output, signal });
    const models: ModelView[] = [];
    for (let seed = 1; seed <= modelsFor(request); seed++) {
      models.push(
        await trainFromTerminal({
          ...{ dataFolder, dataset, name: modelName, network: 'sequential', seed, epochs: trainingEpochs },
          ...{ registry, actor: 'bench', output, signal },
        }),
      );
    }
    return models;
  });
}

/** As fast as it has to be shown for the rate that was asked for: between two rounds the belt is empty for a moment. */
async function drawBusyFilm(
  { lanes, rate, views, output, signal }: BenchLine,
  file: string,
): Promise<{ framesPerS: number; emptyFrames: number }> {
  output.say(`drawing ${filmFruits} fruits on ${lanes} lanes`);
  const fruits = { geometry: geometryOf(defaultLineGeometry, lanes), fruitsPerS: rate * lanes };
  const beltMmPerS = beltOf(fruits);
  const framesPerS = framesPerSFor(beltMmPerS, views);
  const film = { ...fruits, framesPerS, length: { fruits: filmFruits } };
  const { frames, emptyFrames } = await drawFilm(file, film, signal);
  return { emptyFrames, framesPerS: (rate * lanes * (frames - emptyFrames)) / filmFruits };
}

function openPlane(
  dataFolder: string,
  folder: string,
  publicHost: string,
  ports: ControlPlane['ports'] = { http: 0, device: 0, mqtt: 0 },
): Promise<ControlPlane> {
  return startControlPlane({
    ...{ dataFolder, clock: systemClock, host: planeHost, publicHost },
    ...{ httpPort: ports.http, devicePort: ports.device, mqttPort: ports.mqtt },
    logger: pino(
      { level: 'info' },
      pino.destination({ dest: join(folder, 'control-plane.log'), sync: true }),
    ),
  });
}

function recordOf(plane: ControlPlane) {
  return plane.stores.stations.find(address.station);
}

function tooSlow(what: string): AppError {
  return new AppError('sim-too-slow', `${what} did not come within ${slowMs / 1000} s`, {
    hint: 'The agent’s log and the control plane’s say more.',
  });
}
