import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { runModel } from './adapters/golden-views.ts';
import type { Dataset } from './domain/dataset.ts';
import {
  type GoldenViews,
  parseTrainingEvent,
  type TrainingEvent,
  type TrainingSummary,
} from './domain/training-protocol.ts';
import { spottedDataset } from './fixtures/spotted-dataset.ts';

const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const dataset = spottedDataset({ fruits: 90, viewsPerFruit: 4, inputSize: 32 });
const recipe = JSON.stringify({ epochs: 20, batchImages: 32 });
const quick = ['--recipe', recipe, '--learning-rate', '0.01', '--seed', '1'];
let root: string;
/** The dataset as the program reads it, and a run on it that several tests look at. */
let data: string;
let first: Ended & { readonly out: string };

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pomona-training-'));
  data = folderOf(dataset);
  const out = join(root, 'first');
  first = { out, ...(await run(['--dataset', data, '--out', out, ...quick])) };
});
/** A program that goes on after its test was given up would slow down the next. */
const running = new Set<ChildProcess>();
afterEach(() => running.forEach((child) => void child.kill('SIGKILL')));
afterAll(() => {
  rmSync(root, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly events: readonly TrainingEvent[];
  readonly stderr: string;
}

/** Runs the program, and sends it a signal at its first event where `killed`. */
async function run(args: readonly string[], { killed = false } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args]);
  running.add(child);
  const events: TrainingEvent[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    const event = parseTrainingEvent(line);
    if (!event) throw new Error(`not an event: ${line}`);
    events.push(event);
    if (killed && events.length === 1) child.kill('SIGTERM');
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  running.delete(child);
  return { code, events, stderr };
}

let count = 0;
function folderOf({ crops, ...rest }: Dataset): string {
  const folder = mkdtempSync(join(root, `dataset-${count++}-`));
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(rest));
  writeFileSync(join(folder, 'crops.u8'), crops);
  return folder;
}

const read = (folder: string, name: string): Buffer => readFileSync(join(folder, name));

describe('the training program', () => {
  test('learns fruits from their views, and leaves a model that says what its golden views say', () => {
    const { code, events, stderr, out } = first;
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(readdirSync(out).sort()).toEqual([
      'golden.json',
      'golden.u8',
      'model-fp32.onnx',
      'model-int8.onnx',
      'training.json',
      'weights.f32',
    ]);

    const summary = JSON.parse(read(out, 'training.json').toString()) as TrainingSummary;
    expect(events.at(-1)).toEqual({ type: 'done', summary });
    expect(summary.evaluation).toMatchObject({ unit: 'fruit', images: 72, groups: 18, byGroup: [] });
    expect(summary.evaluation.accuracy).toBeGreaterThan(0.6);
    expect(events.filter(({ type }) => type === 'epoch')).toHaveLength(20);
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ epoch: 20, step: 120, steps: 120, etaMs: 0 });

    const golden = JSON.parse(read(out, 'golden.json').toString()) as GoldenViews;
    expect(summary.exportDifference).toBeLessThanOrEqual(1e-4);
    const pixels = read(out, 'golden.u8');
    expect(golden.views).toHaveLength(16);
    expect(new Set(golden.views.map(({ grade }) => grade)).size).toBe(3);
    const model = new Uint8Array(read(out, 'model-fp32.onnx'));
    const again = runModel(model, pixels, [16, 32, 32, 3]);
    expect(again[5]).toBeCloseTo(golden.views[1]!.probabilities[2]!, 5);
    const digest = createHash('sha256')
      .update(pixels.subarray(0, 32 * 32 * 3))
      .digest('hex');
    expect(golden.views[0]!.digest).toBe(digest);
  });

  test('judges weights as the training did that made them, and refuses splits of another dataset', async () => {
    const { temperature, evaluation } = JSON.parse(read(first.out, 'training.json').toString());
    const out = join(root, 'evaluated');
    const before = JSON.stringify({ scale: 1 / temperature, shift: [] });
    const given = ['--dataset', data, '--out', out, '--from', join(first.out, 'weights.f32')];
    const { events } = await run([...given, '--evaluate', 'test', '--before', before]);
    expect(events).toMatchObject([{ type: 'environment' }, { type: 'measured', evaluation }]);
    expect(existsSync(out)).toBe(false);

    const splits = join(root, 'splits.json');
    writeFileSync(splits, JSON.stringify(['train', 'none']));
    const refused = await run(['--dataset', data, '--out', out, '--splits', splits]);
    expect(refused).toMatchObject({ code: 1, events: [{ type: 'failed', code: 'splits-unsuited' }] });
  });

  test('finishes weights anew without learning, to the same files', async () => {
    const out = join(root, 'finished');
    const given = ['--dataset', data, '--out', out, '--seed', '1', '--epochs', '0'];
    const { code, events } = await run([...given, '--from', join(first.out, 'weights.f32')]);
    expect(code).toBe(0);
    expect(events.some(({ type }) => type === 'epoch')).toBe(false);
    for (const name of ['weights.f32', 'model-fp32.onnx', 'model-int8.onnx', 'golden.json'])
      expect(read(out, name).equals(read(first.out, name)), name).toBe(true);
    const { evaluation } = JSON.parse(read(first.out, 'training.json').toString());
    expect(JSON.parse(read(out, 'training.json').toString())).toMatchObject({ evaluation, epochs: 0 });
    const refused = await run(given);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('--epochs')]);
  });

  test('makes the same model again from the same seed, and another from another', async () => {
    const short = ['--dataset', data, '--network', 'sequential', '--epochs', '2', '--batch', '32'];
    const model = async (name: string, seed: string): Promise<Buffer> => {
      const out = join(root, name);
      expect((await run([...short, '--out', out, '--seed', seed])).code).toBe(0);
      return read(out, 'model-fp32.onnx');
    };
    const made = await model('seed-1', '1');
    expect((await model('seed-1-again', '1')).equals(made)).toBe(true);
    expect((await model('seed-2', '2')).equals(made)).toBe(false);
  });

  test('goes on from the weights of an earlier run, by a recipe that was changed', async () => {
    const second = join(root, 'second');
    const from = join(first.out, 'weights.f32');
    const rival = { network: 'compact', labels: ['bad', 'ok', 'good'], before: { scale: 1, shift: [] } };
    const against = { ...rival, model: { name: 'apples', version: 1 }, weights: from, dataset: data };
    const further = [
      '--dataset',
      data,
      '--out',
      second,
      '--from',
      from,
      '--against',
      JSON.stringify(against),
    ];
    const { code, events } = await run([...further, '--epochs', '1', '--batch', '32']);
    expect(code).toBe(0);
    // The rival's labels stand in another order here than it learned them, so that it calls bad good.
    const done = events.at(-1) as Extract<TrainingEvent, { readonly type: 'done' }>;
    const [held] = done.summary.heldAgainst!;
    expect(held).toMatchObject({ cases: 18, learnedCases: 0, byOrigin: [{ origin: 'old', cases: 18 }] });
    expect(held!.theirAccuracy).toBeLessThan(held!.accuracy);
    const firstEpoch = (of: readonly TrainingEvent[]) => of.find((event) => event.type === 'epoch')!;
    const [gone, began] = [firstEpoch(events), firstEpoch(first.events)];
    expect(gone.validationLoss).toBeLessThan(1.2);
    expect(gone.validationAccuracy).toBeGreaterThan(began.validationAccuracy);

    const fitted = join(root, 'fitted');
    const given = ['--dataset', data, '--out', fitted, '--from', from, '--labels', 'good,ok,bad'];
    const before = JSON.stringify({ scale: 0.5, shift: [0, 1, 2] });
    const calibration = await run(['--calibrate', ...given, '--before', before]);
    expect(calibration.stderr).toBe('');
    expect(calibration.events.at(-1)).toMatchObject({
      type: 'done',
      summary: { epochs: 0, calibration: { images: 288, groups: 72, heldBack: 'test' } },
    });
    expect(read(fitted, 'weights.f32').equals(read(first.out, 'weights.f32'))).toBe(true);

    const short = join(root, 'short.f32');
    writeFileSync(short, read(first.out, 'weights.f32').subarray(0, -4));
    const otherSize = folderOf(spottedDataset({ fruits: 15, viewsPerFruit: 4, inputSize: 16 }));
    const small = await run(['--dataset', otherSize, '--out', second, '--from', from]);
    expect(small.events.at(-1)).toMatchObject({
      code: 'weights-unsuited',
      message: expect.stringContaining('takes crops of 32 pixels, spotted has 16'),
    });
    const cut = await run(['--dataset', data, '--out', second, '--from', short]);
    expect(cut.events.at(-1)).toMatchObject({ type: 'failed', code: 'weights-unsuited' });
  });

  test('trains on single images where each stands for itself', async () => {
    const images = dataset.images.map((image, at) => ({ ...image, group: `session-${at % 9}` }));
    const single = { ...dataset, viewsPerFruit: 1, images };
    const out = join(root, 'single');
    const { events } = await run(['--dataset', folderOf(single), '--out', out, '--epochs', '2']);
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      summary: { evaluation: { unit: 'image', images: 72, groups: 9 } },
    });
  });

  test('ends at once with code 130 and leaves nothing when it is told to stop', async () => {
    const out = join(root, 'cancelled');
    const endless = ['--dataset', data, '--out', out, '--epochs', '100000'];
    const { code } = await run(endless, { killed: true });
    expect(code).toBe(130);
    expect(readdirSync(out)).toEqual([]);
  });

  const oneGrade = dataset.images.map((image) => ({ ...image, grade: 'good' }));
  const noTest = dataset.images.map((image) => ({ ...image, split: 'train' as const }));
  const broken: readonly (readonly [string, string, Partial<Dataset>])[] = [
    ['single-class', 'images of one grade only', { images: oneGrade }],
    ['split-empty', 'no images for validation', { images: noTest }],
    ['dataset-malformed', 'fewer crops than images', { crops: dataset.crops.subarray(1) }],
    ['dataset-malformed', 'a grade that is not a label', { labels: ['good', 'ok'] }],
    ['uneven-views', 'fewer views than a fruit should have', { viewsPerFruit: 5 }],
  ];
  test.each(broken)('says "%s" for %s', async (code, _, change) => {
    const out = join(root, `broken-${count}`);
    const ended = await run(['--dataset', folderOf({ ...dataset, ...change }), '--out', out, ...quick]);
    expect(ended.code).toBe(1);
    expect(ended.events.at(-1)).toMatchObject({ type: 'failed', code, hint: expect.stringMatching(/\w/) });
    expect(readdirSync(out)).toEqual([]);
  });

  test('says "dataset-unreadable" for a folder that is not there', async () => {
    const { code, events } = await run(['--dataset', join(root, 'nowhere'), '--out', join(root, 'nothing')]);
    expect(code).toBe(1);
    expect(events).toMatchObject([{ type: 'failed', code: 'dataset-unreadable' }]);
  });

  test('ends with code 2 and its usage when it is called wrongly', async () => {
    for (const args of [
      ['--epochs', '3'],
      ['--dataset', 'a', '--out', 'b', '--epochs', '0'],
      ['--bogus'],
      ['--dataset', 'a', '--out', 'b', '--recipe', '{"speed":1}'],
    ]) {
      const { code, stderr, events } = await run(args);
      expect(code).toBe(2);
      expect(stderr).toContain('usage: ');
      expect(events).toEqual([]);
    }
  });
});
