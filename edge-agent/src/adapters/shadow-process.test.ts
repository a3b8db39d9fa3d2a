/** A real grading worker and a real process with a candidate beside it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { defaultLineGeometry, defaultRecipe } from '@pomona/grading';
import { seededRandom } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FromLine, GradedFruit, LineSetup, RunnableRelease } from '../domain/line-messages.ts';
import {
  type FromShadow,
  type ShadowMemory,
  ShadowPlaces,
  type ShadowSetup,
} from '../domain/shadow-messages.ts';
import { standInFruits } from '../testing/stand-in-line.ts';
import { type TinyModel, tinyOnnx } from '../testing/tiny-onnx.ts';
import { LineWorker } from './line-worker.ts';
import { openModelProcess } from './model-process.ts';
import { OutboxCounter } from './outbox-counter.ts';
import { openShadowProcess, type ShadowProcess } from './shadow-process.ts';
import { type ClosableOutboxReader, openOutboxReader } from './sqlite-outbox.ts';

const built = (path: string): URL => new URL(`../../dist/${path}`, import.meta.url);
const labels = ['good', 'ok', 'bad'];
const recipe = defaultRecipe(labels);
const geometry = { ...defaultLineGeometry, frameWidthPx: 480, frameHeightPx: 240, mmPerPx: 1.2 };
const boot = '00000000000000aa';
const patience = { timeout: 20_000, interval: 20 };
const pitchMm = 132;
const fruits = standInFruits(2, 8, pitchMm, 50);

let folder: string;
let line: LineWorker;
let reader: ClosableOutboxReader;
let troubles: string[];
let offered: number;
let shadow: ShadowProcess | undefined;
let said: FromShadow[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shadow-process-'));
  troubles = [];
  offered = 0;
  said = [];
  shadow = undefined;
});
afterEach(async () => {
  await shadow?.stop();
  await line.stop();
  reader.close();
  rmSync(folder, { recursive: true });
});

/** It grades nothing before it is told to `run`. */
async function startLine(name = 'line', onBelt = fruits): Promise<void> {
  const counter = new OutboxCounter();
  const file = join(folder, `${name}.sqlite`);
  reader = openOutboxReader({ file, counter, boot });
  const camera = { geometry, fruits: onBelt, framesPerSecond: 20, stepMm: 27.5 };
  const none = { perMinuteMax: 0, perDayMax: 0 };
  const setup: LineSetup = {
    boot,
    outbox: { file, counter: counter.shared },
    camera: {
      command: process.execPath,
      args: [fileURLToPath(built('testing/stand-in-camera.js')), JSON.stringify(camera)],
    },
    geometry: { ...geometry, gateDistanceMm: 3_000 },
    gate: { config: { kind: 'log', file: join(folder, `${name}.jsonl`) }, leadMs: 20 },
    sampling: { uncertain: { topBelow: 0, marginBelow: 0, ...none }, random: { share: 0, ...none } },
    statistics: { windowFruits: 500 },
  };
  line = new LineWorker({
    setup,
    workerFile: built('grading-worker.js'),
    random: seededRandom(1),
    onMessage: hear,
    onGone: (error) => troubles.push(error.code),
  });
  await line.start();
}

function hear(message: FromLine): void {
  if (message.kind === 'trouble') troubles.push(`${message.code}: ${message.message}`);
  if (message.kind !== 'offered') return;
  offered++;
  shadow?.offered(message.fruit);
}

function openShadow(champion: RunnableRelease, candidate: RunnableRelease): ShadowProcess {
  shadow = openShadowProcess(
    { champion, candidate, recipe, samplesPerDayMax: 3 },
    {
      offerTo: (memory) => line.shadow(memory),
      onMessage: (message) => said.push(message),
      program: built('shadow-main.js'),
      stopTimeoutMs: patience.timeout,
    },
  );
  return shadow;
}

function release(version: number, model: Partial<TinyModel> = {}): RunnableRelease {
  const modelFile = join(folder, `model-${version}.onnx`);
  writeFileSync(modelFile, tinyOnnx({ inputSize: 32, labels: 3, ...model }));
  const ref = { name: 'tiny', version, digest: String(version).repeat(64) };
  return { ref, modelFile, variant: 'fp32', labels, inputSize: 32 };
}

const graded = (): GradedFruit['fruit'][] =>
  reader
    .read(0, 1_000)
    .flatMap(({ kind, value }) => (kind === 'fruit' ? [(value as GradedFruit).fruit] : []));
const running = () =>
  expect.poll(() => said.filter(({ kind }) => kind === 'running').length, patience).toBe(1);
const ofKind = <K extends FromShadow['kind']>(kind: K) =>
  said.filter((message): message is Extract<FromShadow, { kind: K }> => message.kind === kind);
const shots = (name = 'line'): number => {
  const file = join(folder, `${name}.jsonl`);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
};

const anyFruit = {
  ...{ at: '2026-10-01T08:00:00.000Z', lane: 0, grade: 'good', probabilities: [1, 0, 0] },
  ...{ diameterMm: 75, measures: undefined, views: [{ travelMm: 0, probabilities: [1, 0, 0] }] },
};

describe('a candidate that runs silently', () => {
  it('agrees with itself on every fruit, is timed against the release, and leaves grades, shots and deadlines as they are', async () => {
    const champion = release(1);
    await startLine('alone');
    await line.run(champion, recipe);
    await expect.poll(() => graded().length, patience).toBe(fruits.length);
    const alone = graded();
    const shotsAlone = shots('alone');
    await line.stop();
    reader.close();

    const candidate = { ...release(1), ref: { ...champion.ref, version: 2, digest: '2'.repeat(64) } };
    await startLine();
    openShadow(champion, candidate);
    await running();
    await line.run(champion, recipe);
    await expect.poll(() => graded().length, patience).toBe(fruits.length);
    await expect.poll(() => ofKind('compared').length, patience).toBe(offered);
    expect(offered).toBeGreaterThan(2);
    expect(ofKind('compared').filter(({ champion: was, candidate: would }) => was !== would)).toEqual([]);
    expect(ofKind('disagreed')).toEqual([]);
    const [raced] = ofKind('raced');
    expect(raced?.champion).toBeGreaterThan(0);
    expect(raced?.candidate).toBeGreaterThan(0);

    // How often it was seen depends on how busy this machine was.
    const sameOf = ({ lane, grade, gate, outcome }: GradedFruit['fruit']) => ({ lane, grade, gate, outcome });
    const inOrder = (all: GradedFruit['fruit'][]) =>
      all.toSorted((a, b) => a.positionMm - b.positionMm || a.lane - b.lane).map(sameOf);
    expect(inOrder(graded())).toEqual(inOrder(alone));
    expect(shots()).toBe(shotsAlone);
    expect(troubles).toEqual([]);
  });

  it('says where it differs, with the views of as many fruits as may be sent', async () => {
    const champion = release(1);
    await startLine();
    openShadow(champion, release(2, { bias: [0, 0, 50] }));
    await running();
    await line.run(champion, recipe);
    await expect.poll(() => graded().length, patience).toBe(fruits.length);
    await expect.poll(() => ofKind('compared').length, patience).toBe(offered);
    expect(new Set(ofKind('compared').map(({ candidate }) => candidate))).toEqual(new Set(['bad']));
    const differ = ofKind('compared').filter(({ champion: was, candidate: would }) => was !== would);
    const samples = ofKind('disagreed');
    expect(samples).toHaveLength(Math.min(3, differ.length));
    for (const { fruit, candidate, crops } of samples) {
      expect(graded().find(({ seq }) => seq === fruit.seq)).toMatchObject({ grade: fruit.grade });
      expect(candidate).toBe('bad');
      expect(crops[0]).toHaveLength(32 * 32 * 3);
    }
    expect(graded().some(({ grade }) => grade !== 'bad')).toBe(true);
  });

  it.runIf(process.platform === 'linux')('has the lowest priority with all its threads', async () => {
    await startLine();
    const { pid } = openShadow(release(1), release(2));
    await running();
    expect(new Set(priorities(pid!))).toEqual(new Set([19]));
    expect(new Set(priorities(process.pid))).not.toContain(19);
    expect(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim()).toBe('1000');
  });

  it('costs the line nothing when it crashes: each fruit is graded, and why it ended is said', async () => {
    const champion = release(1);
    // More than pass while a busy machine gets it to its first fruit.
    await startLine('line', standInFruits(2, 500, pitchMm, 50));
    const { pid, ended } = openShadow(champion, release(2));
    await running();
    await line.run(champion, recipe);
    await expect.poll(() => ofKind('compared').length, patience).toBeGreaterThan(0);
    process.kill(pid!, 'SIGSEGV');
    expect(await ended).toBe('its process was ended by SIGSEGV');
    const before = { offered, graded: graded().length };
    await expect.poll(() => graded().length, patience).toBeGreaterThan(before.graded + 8);
    await line.stop();
    expect(troubles).toEqual([]);
    // Fruit that was on its way to it is all that was offered after it.
    expect(offered - before.offered).toBeLessThanOrEqual(1);
    for (const lane of [0, 1]) {
      const places = graded().flatMap((fruit) => (fruit.lane === lane ? [fruit.positionMm] : []));
      places
        .sort((a, b) => a - b)
        .forEach((mm, i) => void expect(mm - places[0]!).toBeCloseTo(i * pitchMm, -2));
    }
    expect(shots()).toBe(graded().filter(({ outcome }) => outcome === 'graded').length);
  });

  it('ends when it is told to, and not by signals that are for the agent', async () => {
    await startLine();
    const { pid, ended } = openShadow(release(1), release(2));
    await running();
    process.kill(pid!, 'SIGTERM');
    process.kill(pid!, 'SIGINT');
    await shadow!.stop();
    expect(await ended).toBe('its process ended with code 0');
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  });

  it('ends with the agent', async () => {
    await startLine();
    const { child, ended } = openModelProcess(built('shadow-main.js'));
    const isThere = new Promise((resolve) => child.once('message', resolve));
    const setup: ShadowSetup = { champion: release(1), candidate: release(2), recipe, samplesPerDayMax: 0 };
    child.send({ kind: 'begin', setup });
    expect(await isThere).toEqual({ kind: 'running' });
    // As its pipe does when the agent is gone.
    child.disconnect();
    expect(await ended).toBe('its process ended with code 0');
  });

  it('is sent no more fruit than there are places while it hangs', async () => {
    await startLine();
    const program = join(folder, 'hangs.mjs');
    // Says of each fruit that it came, and is never done with it.
    writeFileSync(
      program,
      `process.on('message', ({ kind }) => {
        if (kind === 'stop') setImmediate(() => process.disconnect());
        else process.send({ kind: kind === 'begin' ? 'running' : 'compared' });
      });`,
    );
    const hanging = openShadowProcess(
      { champion: release(1), candidate: release(2), recipe, samplesPerDayMax: 0 },
      {
        offerTo: () => undefined,
        onMessage: (message) => said.push(message),
        program: pathToFileURL(program),
        stopTimeoutMs: patience.timeout,
      },
    );
    for (let seq = 0; seq < 10; seq++) hanging.offered({ ...anyFruit, place: seq % 4, since: 1, seq });
    await hanging.stop();
    expect(said.map(({ kind }) => kind)).toEqual(['running', ...Array(4).fill('compared')]);
    expect(hanging.passedOver()).toBe(6);
  });

  it('has the places of fruit that was dropped while it hung as soon as it goes on', async () => {
    await startLine();
    const program = join(folder, 'hangs-for-a-while.mjs');
    writeFileSync(
      program,
      `const held = [];
      process.on('message', ({ kind, fruit }) => {
        if (kind === 'stop') setImmediate(() => process.disconnect());
        if (kind === 'begin') process.send({ kind: 'running' });
        if (kind === 'fruit') held.push(fruit);
      });
      process.on('SIGUSR2', () => {
        const { place, since } = held.shift();
        process.send({ kind: 'freed', place, since });
      });`,
    );
    let places: ShadowPlaces | undefined;
    shadow = openShadowProcess(
      { champion: release(1), candidate: release(2), recipe, samplesPerDayMax: 0 },
      {
        offerTo: (memory) => {
          if (memory !== undefined) places = new ShadowPlaces(memory);
        },
        onMessage: (message) => said.push(message),
        program: pathToFileURL(program),
        stopTimeoutMs: patience.timeout,
      },
    );
    await running();
    const crop = new Uint8Array(32 * 32 * 3);
    const offer = (seq: number, nowMs: number) =>
      shadow!.offered({ ...anyFruit, seq, ...places!.put([crop], nowMs)! });
    for (let seq = 0; seq < 4; seq++) offer(seq, 1_000);
    // A minute later others have their places, and are dropped.
    for (let seq = 4; seq < 8; seq++) offer(seq, 62_000);
    expect(shadow.passedOver()).toBe(4);
    expect(places!.put([crop], 62_001)).toBeUndefined();
    process.kill(shadow.pid!, 'SIGUSR2');
    await expect.poll(() => places!.put([crop], 62_002), patience).toBeDefined();
    for (let i = 0; i < 3; i++) expect(places!.put([crop], 62_003)).toBeDefined();
  });

  it('says why it cannot run, and takes no fruit', async () => {
    const champion = release(1);
    await startLine();
    openShadow(champion, { ...release(2), labels: ['good', 'bad'] });
    await expect.poll(() => ofKind('failed').length, patience).toBe(1);
    expect(ofKind('failed')[0]?.reason).toMatch(/does not fit its release/);
    expect(offered).toBe(0);
  });

  it('keeps the line waiting for nothing when it is stuck: fruit is passed over, and graded as ever', async () => {
    const champion = release(1);
    await startLine();
    const memories: (ShadowMemory | undefined)[] = [];
    const stuck = openShadowProcess(
      { champion, candidate: release(2), recipe, samplesPerDayMax: 0 },
      {
        offerTo: (memory) => {
          memories.push(memory);
          line.shadow(memory);
        },
        onMessage: (message) => said.push(message),
        program: built('shadow-main.js'),
      },
    );
    await running();
    await line.run(champion, recipe);
    // It hears of no fruit, and so frees no place.
    await expect.poll(() => graded().length, patience).toBe(fruits.length);
    expect(offered).toBe(4);
    const wanted = graded().filter(({ outcome }) => outcome === 'graded');
    expect(stuck.passedOver() + offered).toBe(wanted.length);
    expect(wanted.length).toBeGreaterThan(4);
    await stuck.stop();
    expect(memories.at(-1)).toBeUndefined();
  });
});

/** Nice value of each thread of a process (proc(5), field 19). */
function priorities(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).map((task) => {
    const stat = readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}
