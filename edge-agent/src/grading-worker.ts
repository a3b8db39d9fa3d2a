/** The thread that grades: wires camera, model, outbox and gate together. Talks to `LineWorker`. */
import { parentPort, workerData } from 'node:worker_threads';
import { type EncoderConfig, gateFarthestMm } from '@pomona/firmware-config';
import { checkDefects, LineBackground, locateFruit } from '@pomona/grading';
import { blindingFaults, isAppError, type Recipe, seededRandom, systemClock } from '@pomona/wire';
import { CameraProcess } from './adapters/camera-process.ts';
import { deflateRaw } from './adapters/deflate.ts';
import { openEncoder } from './adapters/encoder.ts';
import { openGateLog } from './adapters/gate-log.ts';
import { openGateThread } from './adapters/gate-thread.ts';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import { OutboxCounter } from './adapters/outbox-counter.ts';
import { openOutboxWriter } from './adapters/sqlite-outbox.ts';
import { systemScheduler } from './adapters/system-scheduler.ts';
import { BeltTravel } from './domain/belt-travel.ts';
import { CameraHealth } from './domain/camera-health.ts';
import { FrozenCamera } from './domain/frozen-camera.ts';
import { gatesWithoutOutlet } from './domain/gates-without-outlet.ts';
import type { FromLine, LineSetup, ToLine } from './domain/line-messages.ts';
import { Sampler } from './domain/sampler.ts';
import { followEncoder } from './use-cases/follow-encoder.ts';
import { GradeLine } from './use-cases/grade-line.ts';
import { ShadowOffer } from './use-cases/offer-shadow.ts';
import { LineShow } from './use-cases/show-line.ts';
import { SampleWriter } from './use-cases/write-samples.ts';
import { StatisticsWriter } from './use-cases/write-statistics.ts';

/** A frame that takes longer is no grading: the outlets are told nothing of life. */
const frameMsMax = 1_000;
/** How often, while frames stay away, fruit is looked for that must be decided without one. A timer on a busy board may come later by more than that. */
const dueMs = 20;
/** How often the gate hears of the encoder. */
const encoderTickMs = 20;
const setup = workerData as LineSetup;
const port = parentPort!;
const say = (message: FromLine): void => port.postMessage(message);
const onTrouble = (code: string, message: string): void => say({ kind: 'trouble', code, message });

const { geometry } = setup;
const outbox = openOutboxWriter({
  ...setup.outbox,
  counter: new OutboxCounter(setup.outbox.counter),
  onTrouble,
});
const outlets =
  setup.gate.config.kind === 'log'
    ? openGateLog({ file: setup.gate.config.file, onTrouble })
    : openGateThread({ config: setup.gate.config, gateDistanceMm: geometry.gateDistanceMm }, onTrouble);
const encoder = setup.encoder === undefined ? undefined : readEncoder(setup.encoder);
const gate = encoder?.gate ?? outlets;
const background = new LineBackground(geometry.frameWidthPx, geometry.frameHeightPx);
const random = seededRandom(systemClock.nowMs(), setup.boot);
const onStored = (): void => say({ kind: 'graded', count: 0 });
const samples = new SampleWriter(
  { boot: setup.boot, sampler: new Sampler(setup.sampling, random) },
  {
    clock: systemClock,
    outbox,
    deflate: deflateRaw,
    onStored,
    onTrouble,
  },
);
const statistics = new StatisticsWriter(
  { boot: setup.boot, ...setup.statistics },
  { clock: systemClock, outbox, belt: () => background.beltColour(), onStored, onTrouble },
);
const show = setup.isShown
  ? new LineShow({
      ...{ say, clock: systemClock, belt: () => background.beltColour() },
      label: (fruit, label) => samples.label(fruit, label),
    })
  : undefined;
const shadow = new ShadowOffer(systemClock, (fruit) => say({ kind: 'offered', fruit }));
const line = new GradeLine(
  {
    ...{ boot: setup.boot, geometry, gateLeadMs: setup.gate.leadMs },
    gateFarthestMm: gateFarthestMm(setup.gate.config, geometry.gateDistanceMm),
    hasEncoder: encoder !== undefined,
  },
  {
    clock: systemClock,
    outbox,
    gate,
    locate: (frame) => locateFruit(frame, background, geometry),
    onTrouble,
    onDecided: (fruit) => {
      samples.offer(fruit);
      // The grades of a window must be those that the model and the recipe gave.
      if (fruit.record.paused !== true) statistics.offer(fruit);
      shadow.offer(fruit);
      show?.decided(fruit);
    },
  },
);
const cameraHealth = new CameraHealth(geometry, setup.calibration);
const frozenCamera = new FrozenCamera();
const camera = new CameraProcess({
  source: setup.camera,
  frameWidthPx: geometry.frameWidthPx,
  frameHeightPx: geometry.frameHeightPx,
  random,
  clock: systemClock,
  onState: (state, detail, cause) => {
    if (state === 'stopped') cameraHealth.ended(detail, cause === 'wrong-size');
    say({ kind: 'camera', state, detail });
  },
  onTrouble,
  ...(encoder && { travelAt: (capturedAtMs) => encoder.travel.travelAt(capturedAtMs) }),
});

const figures = setInterval(() => {
  outbox.flush();
  const isEncoderAway = encoder?.travel.isAway(systemClock.monotonicMs()) ?? false;
  if (isEncoderAway) line.travel.forget();
  else line.travel.look(systemClock.monotonicMs());
  cameraHealth.travel(line.travel, isEncoderAway);
  const cameraState = cameraHealth.state(systemClock.monotonicMs());
  const isFrozen = cameraState?.faults.includes('frozen') ?? false;
  if (frozenCamera.step(isFrozen, systemClock.monotonicMs()))
    camera.restart('it gave the same picture again and again');
  const isBlind = cameraState?.faults.some((fault) => blindingFaults.includes(fault)) ?? true;
  const lineFigures = line.figures(camera.droppedFrames);
  if (!isBlind && lineFigures.frameForMs < frameMsMax) gate.sees();
  const gates = gate.state();
  const gateState = gates && withoutOutlet.length > 0 ? { ...gates, withoutOutlet } : gates;
  say({ kind: 'figures', figures: { ...lineFigures, camera: cameraState, gates: gateState } });
}, 1000);
const due = setTimeout(() => {
  const count = line.decideDue(4 * dueMs);
  if (count > 0) say({ kind: 'graded', count });
  if (line.hasUndecided) due.refresh();
}, dueMs);
/** Gates of the recipe that grades. */
let withoutOutlet: number[] = [];
const grading = gradeFrames();
let commands = Promise.resolve();
port.on('message', (message: ToLine) => {
  // Who pauses grading does not wait for a release that is being loaded.
  if (message.kind === 'pause') line.pause(message.isPaused);
  else commands = commands.then(() => obey(message));
});
say({ kind: 'ready' });

/** The gate follows it also between frames. */
function readEncoder(config: EncoderConfig) {
  const travel = new BeltTravel(systemClock.monotonicMs());
  const device = openEncoder(config, {
    ...{ scheduler: systemScheduler, random: seededRandom(systemClock.nowMs(), 'encoder'), onTrouble },
    onReading: (encoderMm, atMs) => travel.read(encoderMm, atMs),
    onLost: () => travel.lost(systemClock.monotonicMs()),
  });
  const gate = followEncoder(outlets, travel);
  const ticks = setInterval(() => gate.tick(systemClock.monotonicMs()), encoderTickMs);
  const stop = (): void => {
    clearInterval(ticks);
    device.stop();
  };
  return { travel, gate, stop };
}

async function gradeFrames(): Promise<void> {
  try {
    for (let frame = await camera.next(); frame !== undefined; frame = await camera.next()) {
      const count = await line.grade(frame);
      due.refresh();
      show?.graded(frame, () => line.fruitInView());
      // After its fruit have their shots: none of them waits for it.
      cameraHealth.look(frame, systemClock.monotonicMs());
      camera.recycle(frame);
      if (count > 0) say({ kind: 'graded', count });
    }
  } catch (error) {
    // The thread ends with this error and is started again; its camera must be gone by then.
    encoder?.stop();
    await camera.stop();
    throw error;
  }
}

async function obey(message: Exclude<ToLine, { kind: 'pause' }>): Promise<void> {
  switch (message.kind) {
    case 'run':
      return run(message);
    case 'recipe':
      lookForOutlets(message.recipe);
      return line.setRecipe(message.recipe);
    case 'shadow':
      return shadow.use(message.memory);
    case 'look':
    case 'views':
    case 'correct':
      return show?.obey(message);
    case 'stop':
      return stop();
  }
}

async function run({ release, recipe }: Extract<ToLine, { kind: 'run' }>): Promise<void> {
  try {
    const model = await loadOnnxModel(release);
    const seesDefects = model.defects !== undefined;
    try {
      checkDefects(recipe, seesDefects);
    } catch (error) {
      await model.release();
      throw error;
    }
    line.use(release, model, recipe);
    lookForOutlets(recipe);
    camera.start();
    cameraHealth.started(systemClock.monotonicMs());
    say({ kind: 'running', release: release.ref, seesDefects });
  } catch (error) {
    if (!isAppError(error)) throw error;
    say({ kind: 'run-failed', release: release.ref, reason: `${error.message}. ${error.hint}` });
  }
}

function lookForOutlets(recipe: Recipe): void {
  const { config } = setup.gate;
  withoutOutlet = config.kind === 'log' ? [] : gatesWithoutOutlet(config.outputs, recipe, geometry.lanes);
  if (withoutOutlet.length > 0)
    onTrouble(
      'gate-without-outlet',
      `recipe ${recipe.version} sends fruit to the gates ${withoutOutlet.join(' and ')}, which have no outlet here: it travels on together`,
    );
}

async function stop(): Promise<void> {
  clearInterval(figures);
  await camera.stop();
  await grading;
  clearTimeout(due);
  await line.close();
  await samples.idle();
  outbox.close();
  encoder?.stop();
  await gate.close();
  say({ kind: 'stopped' });
  port.close();
}
