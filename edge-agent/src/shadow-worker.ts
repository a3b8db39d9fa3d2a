/** The thread in which a candidate runs silently. Talks to `ShadowThread`. */
import { constants, setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { checkDefects } from '@pomona/grading';
import { isAppError, systemClock } from '@pomona/wire';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import type { ShadowWorkerData, ToShadow } from './adapters/shadow-thread.ts';
import { Allowance } from './domain/sampler.ts';
import { cropsKeptMax } from './domain/seen-views.ts';
import { type FromShadow, type OfferedFruit, ShadowPlaces } from './domain/shadow-messages.ts';
import type { ViewModel } from './domain/view-model.ts';
import { gradeInShadow } from './use-cases/grade-in-shadow.ts';
import { sampleViewsMax } from './use-cases/pack-sample.ts';

const samplesPerMinuteMax = 6;
/** Of each model, the fastest of which counts: what else the board does can only make a run slower. */
const racesOfEach = 12;

const { setup, memory } = workerData as ShadowWorkerData;
const port = parentPort!;
const say = (message: FromShadow): void => port.postMessage(message);
// Of this thread alone, which Linux knows as a task of its own; elsewhere it would be the whole agent's.
if (process.platform === 'linux') setPriority(0, constants.priority.PRIORITY_LOW);

const places = new ShadowPlaces(memory);
const { perDayMax, perMinuteMax } = { perDayMax: setup.samplesPerDayMax, perMinuteMax: samplesPerMinuteMax };
const samples = new Allowance({ perDayMax, perMinuteMax });
let candidate: ViewModel | undefined;
let isRaced = false;
let isStopping = false;
let work: Promise<void> = begin().catch(fail);

port.on('message', (message: ToShadow) => {
  if (message.kind === 'stop') isStopping = true;
  // In the order of the places, of which there are few.
  work = work.then(() => (message.kind === 'fruit' ? take(message.fruit) : stop())).catch(fail);
});

async function begin(): Promise<void> {
  candidate = await loadOnnxModel(setup.candidate, cropsKeptMax);
  checkDefects(setup.recipe, candidate.defects !== undefined);
  say({ kind: 'running' });
}

async function take(fruit: OfferedFruit): Promise<void> {
  if (candidate !== undefined && !isStopping) {
    const fromMs = systemClock.monotonicMs();
    for (let i = 0; i < fruit.views.length; i++)
      candidate.crops.set(places.crop(fruit.place, i), i * cropBytes(candidate));
    if (!isRaced) await race(candidate, fruit.views.length);
    await compare(fruit, candidate);
    // As long again for whoever else wants the core, and so that the board does not grow hot for it.
    await pause(systemClock.monotonicMs() - fromMs);
  }
  places.free(fruit.place);
}

async function compare(fruit: OfferedFruit, model: ViewModel): Promise<void> {
  const { champion, candidate: grade } = await gradeInShadow(
    fruit,
    model,
    setup.recipe,
    setup.champion.labels,
  );
  say({ kind: 'compared', champion, candidate: grade, views: fruit.views.length });
  if (champion === grade || !samples.take(systemClock.monotonicMs())) return;
  const { seq, at, lane, probabilities } = fruit;
  const count = Math.min(sampleViewsMax, fruit.views.length);
  const last = fruit.views.length - 1;
  const crops = Array.from({ length: count }, (_, i) =>
    places.crop(fruit.place, count === 1 ? 0 : Math.round((i * last) / (count - 1))).slice(),
  );
  say({
    kind: 'disagreed',
    fruit: { seq, at, lane, grade: fruit.grade, probabilities },
    candidate: grade,
    crops,
  });
}

/** In turns on the same views, so that what else runs is in the way of both; the champion is needed for no longer. */
async function race(model: ViewModel, count: number): Promise<void> {
  isRaced = true;
  const champion = await loadOnnxModel(setup.champion, cropsKeptMax);
  champion.crops.set(model.crops);
  const fastest = { champion: Number.POSITIVE_INFINITY, candidate: Number.POSITIVE_INFINITY };
  for (let i = 0; i < racesOfEach && !isStopping; i++) {
    for (const [name, each] of Object.entries({ champion, candidate: model })) {
      const fromMs = systemClock.monotonicMs();
      await each.run(count);
      const ms = (systemClock.monotonicMs() - fromMs) / count;
      fastest[name as keyof typeof fastest] = Math.min(fastest[name as keyof typeof fastest], ms);
    }
  }
  await champion.release();
  if (!isStopping) say({ kind: 'raced', ...fastest });
}

async function stop(): Promise<void> {
  await candidate?.release();
  candidate = undefined;
  say({ kind: 'stopped' });
  port.close();
}

/** What is not expected ends the thread. */
function fail(error: unknown): void {
  if (!isAppError(error)) throw error;
  say({ kind: 'failed', reason: `${error.message}. ${error.hint}` });
}

function cropBytes({ inputSize }: ViewModel): number {
  return inputSize ** 2 * 3;
}
