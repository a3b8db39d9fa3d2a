import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';
import { defaultLineGeometry, defaultRecipe } from '@pomona/grading';
import type { AppError, DriftWindow, Samples } from '@pomona/wire';
import { seededRandom, systemClock } from '@pomona/wire';
import { Aedes } from 'aedes';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RawStream } from '../domain/camera-source.ts';
import type { Shot } from '../domain/gate.ts';
import type {
  FromLine,
  GradedFruit,
  LineReport,
  LineSetup,
  RunnableRelease,
} from '../domain/line-messages.ts';
import type { OutboxKind } from '../domain/outbox.ts';
import type { SamplingRules } from '../domain/sampler.ts';
import type { StandInCamera } from '../testing/stand-in-camera.ts';
import { standInFruits } from '../testing/stand-in-line.ts';
import { type TinyModel, tinyOnnx } from '../testing/tiny-onnx.ts';
import { LineWorker, type LineWorkerOptions } from './line-worker.ts';
import { OutboxCounter } from './outbox-counter.ts';
import { type ClosableOutboxReader, openOutboxReader } from './sqlite-outbox.ts';

const workerFile = new URL('../../dist/grading-worker.js', import.meta.url);
const program = fileURLToPath(new URL('../../dist/testing/stand-in-camera.js', import.meta.url));
const labels = ['good', 'ok', 'bad'];
const geometry = { ...defaultLineGeometry, frameWidthPx: 480, frameHeightPx: 240, mmPerPx: 1.2 };
const boot = '00000000000000aa';

let folder: string;
const gateFile = () => join(folder, 'gate.jsonl');
let worker: LineWorker;
let reader: ClosableOutboxReader;
let heard: FromLine[];
let gone: AppError[];
let setup: LineSetup;

function prepare(
  camera: Partial<StandInCamera>,
  sampling: Partial<SamplingRules> = {},
  windowFruits = 500,
  raw?: RawStream,
): void {
  const stand: StandInCamera = { geometry, fruits: [], framesPerSecond: 40, stepMm: 27.5, ...camera };
  const counter = new OutboxCounter();
  const file = join(folder, 'outbox.sqlite');
  reader = openOutboxReader({ file, counter, boot });
  setup = {
    boot,
    outbox: { file, counter: counter.shared },
    camera: { command: process.execPath, args: [program, JSON.stringify(stand)], ...(raw && { raw }) },
    // So far that a machine with other work has time: 300 mm are a quarter of a second here.
    geometry: { ...geometry, gateDistanceMm: 3_000 },
    gate: { config: { kind: 'log', file: gateFile() }, leadMs: 20 },
    sampling: {
      uncertain: { topBelow: 0, marginBelow: 0, perMinuteMax: 0, perDayMax: 0 },
      random: { share: 0, perMinuteMax: 0, perDayMax: 0 },
      ...sampling,
    },
    statistics: { windowFruits },
  };
  worker = workerOf(workerFile);
}

function workerOf(file: URL, options: Partial<LineWorkerOptions> = {}): LineWorker {
  return new LineWorker({
    setup,
    workerFile: file,
    random: seededRandom(1),
    restartFirstMs: 5,
    restartMaxMs: 50,
    onMessage: (message) => heard.push(message),
    onGone: (error) => gone.push(error),
    ...options,
  });
}

function release(version: number, model: Partial<TinyModel> = {}): RunnableRelease {
  const modelFile = join(folder, `model-${version}.onnx`);
  writeFileSync(modelFile, tinyOnnx({ inputSize: 32, labels: 3, ...model }));
  const ref = { name: 'tiny', version, digest: String(version).repeat(64).slice(0, 64) };
  return { ref, modelFile, variant: 'fp32', labels, inputSize: 32 };
}

const recorded = (kind: OutboxKind) => reader.read(0, 1000).filter((record) => record.kind === kind);
const graded = (): GradedFruit[] => recorded('fruit').map(({ value }) => value as GradedFruit);
const countHeard = (): number =>
  heard.reduce((sum, message) => sum + (message.kind === 'graded' ? message.count : 0), 0);
const figures = (): LineReport[] =>
  heard.flatMap((message) => (message.kind === 'figures' ? [message.figures] : []));
const troubles = (): string[] =>
  heard.flatMap((message) => (message.kind === 'trouble' ? [`${message.code}: ${message.message}`] : []));
const patience = { timeout: 20_000, interval: 20 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'line-worker-'));
  heard = [];
  gone = [];
});
afterEach(async () => {
  await worker.stop();
  reader.close();
  rmSync(folder, { recursive: true });
});

/** A stand-in that goes wrong in that way. */
function doomed(mode: string, options: Partial<LineWorkerOptions> = {}): LineWorker {
  const file = new URL('../../dist/testing/doomed-worker.js', import.meta.url);
  return workerOf(file, {
    setup: { ...setup, gate: { ...setup.gate, config: { kind: 'log', file: join(folder, mode) } } },
    ...options,
  });
}

describe('LineWorker', () => {
  it('stores the statistics of a window of fruit, and of the belt behind it', async () => {
    prepare({ fruits: standInFruits(2, 3, 120, 480) }, {}, 4);
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => graded().length, patience).toBe(6);
    await expect.poll(() => recorded('drift').length, patience).toBe(1);
    const { value, seq } = recorded('drift')[0]!;
    const window = value as DriftWindow;
    const first = graded().slice(0, 4);
    expect(window.seq).toBe(seq);
    expect([window.from, window.to]).toEqual([first[0]!.fruit.at, first[3]!.fruit.at]);
    expect(window.grades.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    for (const { counts } of window.histograms) expect(counts.reduce((sum, count) => sum + count, 0)).toBe(4);
    const top = first.reduce((sum, { fruit }) => sum + Math.max(...fruit.probabilities), 0);
    expect(window.confidence.predicted.reduce((total, { sum }) => total + sum, 0)).toBeCloseTo(top, 3);
    expect(window.belt!.red).toBeGreaterThan(0);
  });

  it('stores what the model saw of a sampled fruit beside its record', async () => {
    prepare(
      { fruits: standInFruits(2, 3, 120, 480) },
      { random: { share: 1, perMinuteMax: 2, perDayMax: 2 } },
    );
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => graded().length, patience).toBe(6);
    await expect.poll(() => reader.read(0, 10, 'samples').length, patience).toBe(2);
    const fruits = new Map(graded().map(({ fruit }) => [fruit.seq, fruit]));
    for (const { value } of reader.read(0, 10, 'samples')) {
      const { fruit, views, size } = value as Samples;
      expect(fruit.probabilities).toEqual(fruits.get(fruit.seq)!.probabilities);
      const [first] = views.map((view) => inflateRawSync(Buffer.from(view, 'base64')));
      expect(first?.byteLength).toBe(size * size * 3);
      expect(views.length).toBeGreaterThan(1);
    }
  });

  it('grades every fruit of a camera that writes bare pixels once, by the belt’s configured speed', async () => {
    const { frameWidthPx, frameHeightPx: rows } = geometry;
    prepare({ fruits: standInFruits(2, 3, 160, 300), framesPerSecond: 20, stepMm: 20, bare: true }, {}, 500, {
      pixels: { format: 'rgb24', rowBytes: frameWidthPx * 3, rows },
      beltMmPerS: 400,
      latencyMs: 0,
    });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => graded().length, patience).toBe(6);
    const positions = graded().map(({ fruit }) => [fruit.lane, fruit.positionMm] as const);
    for (const lane of [0, 1]) {
      const own = positions.filter(([at]) => at === lane).map(([, mm]) => mm);
      expect(own.length).toBe(3);
      // They lie 160 mm apart on the belt.
      expect(Math.abs(own[1]! - own[0]! - 160)).toBeLessThan(40);
      expect(Math.abs(own[2]! - own[1]! - 160)).toBeLessThan(40);
    }
    expect(graded().every(({ fruit }) => fruit.views > 3)).toBe(true);
  });

  it('takes the travel of the belt from its encoder, says when that is away, and grades on when it is back', async () => {
    const broker = await Aedes.createBroker();
    const server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    let isTelling = false;
    const telling = setInterval(() => {
      const payload = Buffer.from(String(systemClock.monotonicMs() * 0.4));
      const packet = {
        cmd: 'publish',
        topic: 'line/belt',
        payload,
        qos: 0,
        dup: false,
        retain: false,
      } as const;
      if (isTelling) broker.publish(packet, () => undefined);
    }, 20);
    try {
      const { frameWidthPx, frameHeightPx: rows } = geometry;
      const fruits = standInFruits(2, 40, 160, 300);
      prepare({ fruits, framesPerSecond: 20, stepMm: 20, bare: true }, {}, 500, {
        pixels: { format: 'rgb24', rowBytes: frameWidthPx * 3, rows },
        // By this no fruit would ever leave.
        beltMmPerS: 1,
        latencyMs: 0,
      });
      const encoder = { kind: 'mqtt', url: `mqtt://127.0.0.1:${port}`, topic: 'line/belt' } as const;
      setup = { ...setup, encoder };
      worker = workerOf(workerFile);
      await worker.start();
      await worker.run(release(1), defaultRecipe(labels));
      const faults = (): readonly string[] | undefined =>
        heard
          .flatMap((message) => (message.kind === 'figures' ? [message.figures.camera?.faults] : []))
          .at(-1);
      await expect.poll(faults, patience).toEqual(['no-encoder']);
      isTelling = true;
      await expect.poll(faults, patience).toEqual([]);
      // What was in the view when the encoder came is lost by that.
      const lost = graded().length;
      const whole = () =>
        graded()
          .slice(lost)
          .filter(({ fruit }) => fruit.lane === 0);
      await expect.poll(() => whole().length, patience).toBeGreaterThan(3);
      const places = whole().map(({ fruit }) => fruit.positionMm);
      for (let i = 1; i < places.length; i++)
        expect(Math.abs(places[i]! - places[i - 1]! - 160)).toBeLessThan(40);
    } finally {
      clearInterval(telling);
      await worker.stop();
      server.close();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    }
  });

  it.each<[string, Partial<StandInCamera>, RawStream?]>([
    ['an encoder that stands', { encoderShare: 0 }],
    ['an encoder that counts backward', { encoderShare: -1 }],
    ['an encoder that loses pulses', { encoderShare: 0.6 }],
    [
      'a wrong beltMmPerS',
      { bare: true },
      {
        pixels: { format: 'rgb24', rowBytes: geometry.frameWidthPx * 3, rows: geometry.frameHeightPx },
        ...{ beltMmPerS: 250, latencyMs: 0 },
      },
    ],
  ])(
    'says of %s that the travel is wrong, and neither shoots by it nor floods the outbox',
    async (_, camera, raw) => {
      const fruits = standInFruits(2, 60, 130, 0);
      prepare({ fruits, framesPerSecond: 20, stepMm: 20, ...camera }, {}, 500, raw);
      await worker.start();
      await worker.run(release(1), defaultRecipe(labels));
      const state = () => figures().at(-1)?.camera;
      await expect.poll(() => state()?.faults, patience).toEqual(['wrong-travel']);
      const shots = () => (existsSync(gateFile()) ? readFileSync(gateFile(), 'utf8').length : 0);
      const before = shots();
      const seen = figures().length;
      await expect.poll(() => figures().length, patience).toBeGreaterThan(seen + 3);
      expect(shots()).toBe(before);
      // In so many seconds no more fruit than that can have passed.
      const passedMm = (figures().at(-1)!.framesPerSecond || 20) * 20 * (figures().length + 2);
      expect(graded().length).toBeLessThanOrEqual(Math.ceil((2 * passedMm) / 130));
    },
  );

  it('grades every fruit of the camera once: record, gate and message agree', async () => {
    const fruits = standInFruits(2, 6, 120, 480);
    prepare({ fruits });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(countHeard, patience).toBe(12);
    await expect.poll(() => figures().at(-1)?.fruits, patience).toBe(12);

    const records = graded();
    expect(records.map(({ fruit }) => fruit.seq)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    for (const { fruit } of records) {
      const truth = fruits.find(
        (f) => f.lane === fruit.lane && Math.abs(576 - f.originMm - fruit.positionMm) < 25,
      )!;
      expect(fruit).toMatchObject({ grade: labels[truth.colour], gate: truth.colour, outcome: 'graded' });
    }
    const shots: Shot[] = readFileSync(gateFile(), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(shots.map(({ seq, lane, gate, grade, at }) => [seq, lane, gate, grade, at])).toEqual(
      records.map(({ fruit: { seq, lane, gate, grade, at } }) => [seq, lane, gate, grade, at]),
    );
    for (const shot of shots) expect(shot.dueAtMs - shot.decidedAtMs).toBeGreaterThan(20);
    expect(figures().at(-1)).toMatchObject({ missedDeadlines: 0, lostRecords: 0 });
    expect(figures().at(-1)!.latencyMs.p99).toBeGreaterThan(0);
    expect(worker.proof()).toEqual({
      crashes: 0,
      hangs: 0,
      frames: expect.any(Number),
      fruits: 12,
      missedDeadlines: 0,
      unseen: 0,
      unusableViews: 0,
      conduct: expect.objectContaining({ answered: 12, byLabel: [4, 4, 4], timed: 12 }),
    });
    expect(troubles()).toEqual([]);
  });

  it('swaps release and recipe in mid-stream without dropping a fruit', async () => {
    const fruits = standInFruits(2, 20, 120, 480);
    prepare({ fruits });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels, 1));
    await expect.poll(() => worker.proof().fruits, patience).toBeGreaterThan(3);
    expect(worker.proof().before).toBeUndefined();
    await worker.run(release(2, { bias: [0, 0, 50] }), defaultRecipe(labels, 2));
    const { before } = worker.proof();
    expect(before).toMatchObject({ fruits: before!.conduct!.answered, unseen: 0 });
    expect(before!.conduct!.byLabel.filter((count) => count > 0).length).toBeGreaterThan(1);
    await expect.poll(countHeard, patience).toBe(40);
    await expect.poll(() => worker.proof().conduct?.byLabel[2] ?? 0, patience).toBeGreaterThan(0);
    expect(worker.proof().conduct?.byLabel.slice(0, 2)).toEqual([0, 0]);
    expect(worker.proof().before).toEqual(before);
    const records = graded();
    const seen = records.map(({ release: { version }, recipeVersion, fruit }) => {
      if (version === 2) expect(fruit.grade).toBe('bad');
      return [version, recipeVersion].join();
    });
    expect(new Set(seen)).toEqual(new Set(['1,1', '2,2']));
    const positions = records.map(({ fruit }) => fruit.positionMm);
    for (const fruit of fruits) {
      expect(positions.filter((mm) => Math.abs(576 - fruit.originMm - mm) < 25).length).toBe(1);
    }
    expect(figures().at(-1)?.missedDeadlines ?? 0).toBe(0);
  });

  it('says which gates of its recipe have no outlet, where that is more than one', async () => {
    prepare({ fruits: [] });
    const place = { host: '127.0.0.1', port: 1, unit: 1, heartbeatMs: 500 };
    const outputs = [{ gate: 1, coil: 0, lagMs: 0, pulseMs: 40 }];
    setup = { ...setup, gate: { ...setup.gate, config: { kind: 'modbus', ...place, outputs } } };
    worker = workerOf(workerFile);
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    const without = () => figures().at(-1)?.gates?.withoutOutlet;
    await expect.poll(without, patience).toEqual([0, 2]);
    expect(troubles()).toContainEqual(expect.stringMatching(/^gate-without-outlet: .* gates 0 and 2,/));
    const { gates, ...recipe } = defaultRecipe(labels, 2);
    await worker.setRecipe({
      ...recipe,
      gates: gates.map(({ grade }) => ({ grade, gate: grade === 'good' ? 0 : 1 })),
    });
    await expect.poll(without, patience).toBeUndefined();
  });

  it('refuses a release that does not run, and goes on with the one before', async () => {
    prepare({ fruits: standInFruits(2, 4, 120, 900) });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect(worker.run(release(2, { labels: 2 }), defaultRecipe(labels))).rejects.toMatchObject({
      code: 'line-run',
      message: expect.stringContaining('[n, 2], not [n, 3]'),
    });
    const wrong = { ...defaultRecipe(labels), defaultGrade: 'rotten' };
    await expect(worker.run(release(3), wrong)).rejects.toMatchObject({ code: 'recipe-invalid' });
    await expect(worker.setRecipe(wrong)).rejects.toMatchObject({ code: 'recipe-invalid' });
    await worker.setRecipe(defaultRecipe(labels, 8));
    await expect.poll(countHeard, patience).toBe(8);
    for (const { release: ref, recipeVersion } of graded())
      expect([ref.version, recipeVersion]).toEqual([1, 8]);
  });

  it('starts a worker again that died, with what it ran last', async () => {
    prepare({ fruits: standInFruits(2, 4, 120, 480) });
    // A gate that breaks in a way that nobody foresaw: the first shot kills the thread.
    const dying = new URL('../../dist/testing/dying-worker.js', import.meta.url);
    worker = workerOf(dying);
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels, 4));
    await expect.poll(() => heard.filter(({ kind }) => kind === 'running').length, patience).toBe(3);
    expect(troubles().slice(0, 2)).toEqual([
      expect.stringMatching(/^line-restart: .* starts again in \d+ ms: out of order$/),
      expect.stringMatching(/^line-restart: .*: out of order$/),
    ]);
    expect(worker.proof().crashes).toBe(2);
    await worker.run(release(2), defaultRecipe(labels));
    expect(worker.proof().crashes).toBe(0);
  });

  it('shows what it does, obeys a pause and stores a corrected fruit, also after it was started again', async () => {
    prepare({ fruits: standInFruits(2, 40, 120, 480) });
    setup = { ...setup, isShown: true };
    worker = new LineWorker({
      ...{ setup, workerFile, random: seededRandom(1), restartFirstMs: 5, restartMaxMs: 50 },
      onMessage: (message) => heard.push(message),
      onGone: () => undefined,
    });
    const last = <K extends FromLine['kind']>(kind: K) =>
      heard.findLast((message): message is Extract<FromLine, { kind: K }> => message.kind === kind);
    worker.pause(true);
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => last('decided')?.outcome, patience).toBe('paused');
    expect(graded()[0]!.fruit).toMatchObject({ grade: 'bad', outcome: 'unseen', paused: true });
    worker.pause(false);
    await expect.poll(() => last('decided')?.outcome, patience).toBe('graded');
    const pixels = new SharedArrayBuffer(geometry.frameWidthPx * geometry.frameHeightPx * 3);
    worker.ask({ kind: 'look', pixels });
    await expect.poll(() => last('looked')?.fruit.length, patience).toBeGreaterThan(0);
    expect(new Uint8Array(pixels).some((value) => value > 100)).toBe(true);
    await expect
      .poll(() => heard.some((m) => m.kind === 'decided' && m.shown?.outcome === 'graded'), patience)
      .toBe(true);
    const shown = heard.flatMap((m) => (m.kind === 'decided' && m.shown ? [m.shown] : [])).at(-1)!;
    worker.ask({ kind: 'correct', seq: shown.seq, label: { grade: 'ok', source: 'line-operator' } });
    await expect.poll(() => last('corrected'), patience).toEqual({ kind: 'corrected', seq: shown.seq });
    const [sample] = reader.read(0, 10, 'samples').map(({ value }) => value as Samples);
    expect(sample).toMatchObject({ label: { grade: 'ok' }, reason: 'asked', fruit: { seq: shown.seq } });
    expect(inflateRawSync(Buffer.from(sample!.views[0]!, 'base64'))).toHaveLength(32 * 32 * 3);
  });

  it('ends a worker that hangs or does not finish a frame, and starts it again', async () => {
    prepare({ fruits: [] });
    const hanging = new URL('../../dist/testing/hanging-worker.js', import.meta.url);
    worker = workerOf(hanging, { hangAfterMs: 1_000 });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels, 4));
    await expect.poll(() => heard.filter(({ kind }) => kind === 'running').length, patience).toBe(3);
    expect(troubles().filter((each) => each.startsWith('line-hung'))).toHaveLength(2);
    expect(worker.proof()).toMatchObject({ crashes: 0, hangs: 2 });
    await worker.run(release(2), defaultRecipe(labels));
    expect(worker.proof()).toMatchObject({ crashes: 0, hangs: 0 });
    await expect.poll(() => worker.proof().frames, patience).toBeGreaterThan(60);
    expect(worker.proof().hangs).toBe(0);
  });

  it('says why the worker cannot start', async () => {
    prepare({});
    const config = { kind: 'log' as const, file: join(folder, 'no', 'such', 'gate.jsonl') };
    const failing = workerOf(workerFile, { setup: { ...setup, gate: { ...setup.gate, config } } });
    await expect(failing.start()).rejects.toMatchObject({
      code: 'line-start',
      message: expect.stringContaining('ENOENT'),
    });
    // Who started it was told already.
    expect(gone).toEqual([]);
    await failing.stop();
    await worker.start();
  });

  it.each([
    ['does not come up again', 'does-not-come-up', 'line-start', 'out of order'],
    ['cannot run again what it ran', 'cannot-run', 'line-run', 'the file is damaged'],
  ])('says once that a worker that %s is gone for good', async (_, mode, code, why) => {
    prepare({});
    worker = doomed(mode);
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => gone, patience).toHaveLength(1);
    expect(gone[0]).toMatchObject({ code, message: expect.stringContaining(why) });
    await expect(worker.run(release(2), defaultRecipe(labels))).rejects.toBe(gone[0]);
    await worker.stop();
    expect(gone).toHaveLength(1);
  });

  it('goes on with what it ran when the next release is not loaded in time', async () => {
    prepare({});
    worker = doomed('slow-to-load', { runTimeoutMs: 700 });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect(worker.run(release(3), defaultRecipe(labels))).rejects.toMatchObject({
      code: 'line-run',
      message: expect.stringContaining('not loaded within 700 ms'),
    });
    const running = () => heard.flatMap((m) => (m.kind === 'running' ? [m.release.version] : []));
    await expect.poll(running, patience).toEqual([1, 1]);
    expect(gone).toEqual([]);
  });

  it('says that the camera is away while nothing else is wrong', async () => {
    prepare({ frames: 2, exitCode: 3 });
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await expect.poll(() => heard.filter((m) => m.kind === 'camera').length, patience).toBeGreaterThan(1);
    const states = heard.flatMap((m) => (m.kind === 'camera' ? [`${m.state}: ${m.detail}`] : []));
    expect(states[0]).toBe('running: 480 x 240');
    expect(states[1]).toContain('ended with code 3');
  });

  it('is stopped by stop, also twice, and runs nothing any more', async () => {
    prepare({});
    await worker.start();
    await worker.run(release(1), defaultRecipe(labels));
    await Promise.all([worker.stop(), worker.stop()]);
    expect(heard.at(-1)).toEqual({ kind: 'stopped' });
  });
});
