/** The process in which a candidate runs silently. Talks to `openShadowProcess`. */
import { setTimeout as pause } from 'node:timers/promises';
import { checkDefects } from '@pomona/grading';
import { isAppError, systemClock } from '@pomona/wire';
import { liveWithAgent, takeLowestPriority, tellAgent } from './adapters/inside-model-process.ts';
import { loadOnnxModel } from './adapters/onnx-model.ts';
import type { FromShadowProcess, ToShadow } from './adapters/shadow-process.ts';
import { Allowance } from './domain/sampler.ts';
import { cropsKeptMax } from './domain/seen-views.ts';
import type { OfferedFruit, ShadowSetup } from './domain/shadow-messages.ts';
import type { ViewModel } from './domain/view-model.ts';
import { gradeInShadow } from './use-cases/grade-in-shadow.ts';
import { sampleViewsMax } from './use-cases/pack-sample.ts';

const samplesPerMinuteMax = 6;
/** Of each model, the fastest of which counts: what else the board does can only make a run slower. */
const racesOfEach = 12;

/** What it was begun with. */
interface Begun {
  readonly setup: ShadowSetup;
  readonly samples: Allowance;
}

const say = (message: FromShadowProcess): Promise<void> => tellAgent(message);
takeLowestPriority();
liveWithAgent();

let begun: Begun | undefined;
let candidate: ViewModel | undefined;
let isRaced = false;
let isStopping = false;
let work: Promise<void> = Promise.resolve();

process.on('message', (message: ToShadow) => {
  if (message.kind === 'stop') isStopping = true;
  // In the order of the places, of which there are few.
  work = work.then(() => handle(message)).catch(fail);
});

function handle(message: ToShadow): Promise<void> {
  switch (message.kind) {
    case 'begin':
      return begin(message.setup);
    case 'fruit':
      return take(message.fruit, message.crops);
    case 'stop':
      return stop();
  }
}

async function begin(setup: ShadowSetup): Promise<void> {
  const { samplesPerDayMax: perDayMax } = setup;
  begun = { setup, samples: new Allowance({ perDayMax, perMinuteMax: samplesPerMinuteMax }) };
  candidate = await loadOnnxModel(setup.candidate, cropsKeptMax);
  checkDefects(setup.recipe, candidate.defects !== undefined);
  await say({ kind: 'running' });
}

async function take(fruit: OfferedFruit, crops: Uint8Array): Promise<void> {
  if (begun !== undefined && candidate !== undefined && !isStopping) {
    const fromMs = systemClock.monotonicMs();
    candidate.crops.set(crops);
    if (!isRaced) await race(begun, candidate, fruit.views.length);
    await compare(begun, fruit, crops, candidate);
    // As long again for whoever else wants the core, and so that the board does not grow hot for it.
    await pause(systemClock.monotonicMs() - fromMs);
  }
  await say({ kind: 'freed', place: fruit.place, since: fruit.since });
}

async function compare(
  { setup, samples }: Begun,
  fruit: OfferedFruit,
  shown: Uint8Array,
  model: ViewModel,
): Promise<void> {
  const { champion, candidate: grade } = await gradeInShadow(
    fruit,
    model,
    setup.recipe,
    setup.champion.labels,
  );
  await say({ kind: 'compared', champion, candidate: grade, views: fruit.views.length });
  if (champion === grade || !samples.take(systemClock.monotonicMs())) return;
  const { seq, at, lane, probabilities } = fruit;
  const count = Math.min(sampleViewsMax, fruit.views.length);
  const last = fruit.views.length - 1;
  const bytes = cropBytes(model);
  const crops = Array.from({ length: count }, (_, i) => {
    const at = count === 1 ? 0 : Math.round((i * last) / (count - 1));
    return shown.slice(at * bytes, (at + 1) * bytes);
  });
  await say({
    kind: 'disagreed',
    fruit: { seq, at, lane, grade: fruit.grade, probabilities },
    candidate: grade,
    crops,
  });
}

/** In turns on the same views, so that what else runs is in the way of both; the champion is needed for no longer. */
async function race({ setup }: Begun, model: ViewModel, count: number): Promise<void> {
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
  if (!isStopping) await say({ kind: 'raced', ...fastest });
}

async function stop(): Promise<void> {
  await candidate?.release();
  candidate = undefined;
  await say({ kind: 'stopped' });
  process.disconnect();
}

/** What is not expected ends the process. */
async function fail(error: unknown): Promise<void> {
  if (isAppError(error)) return say({ kind: 'failed', reason: `${error.message}. ${error.hint}` });
  await say({ kind: 'broke', reason: error instanceof Error ? error.message : String(error) });
  process.exit(1);
}

function cropBytes({ inputSize }: ViewModel): number {
  return inputSize ** 2 * 3;
}
