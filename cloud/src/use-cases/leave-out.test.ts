import type { Evaluation } from '@pomona/wire';
import { expect, it } from 'vitest';
import type { DatasetFile, DatasetImage } from '../domain/dataset.ts';
import { leftOutValueOf, planLeaveOut } from '../domain/leave-out.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type LeaveOutRequest, leaveOut } from './leave-out.ts';
import type { StoredRun } from './read-runs.ts';
import type { JobRun } from './run-job.ts';
import type { TrialRequest } from './tune.ts';

const labels = ['good', 'bad'];

/** `count` images of a group, half of each grade. */
function group(name: string, count: number, change: Partial<DatasetImage> = {}): DatasetImage[] {
  return Array.from({ length: count }, (_, at) => ({
    ...{ digest: 'd'.repeat(64), grade: labels[at % 2]!, group: name, split: 'train' as const, source: '' },
    ...change,
  }));
}

const gala = { about: { variety: 'gala' } };
const fuji = { about: { variety: 'fuji' } };
const images = [
  ...group('a', 400, gala),
  ...group('b', 300, fuji),
  // One session of two varieties, and one of which nobody knows.
  ...group('c', 20, gala),
  ...group('c', 10, fuji),
  ...group('d', 60, { split: 'validation' }),
  ...group('e', 40, { about: { variety: 'elstar' }, split: 'test' }),
];
const file = { name: 'apples', digest: 'a'.repeat(64), images, labels, viewsPerFruit: 1 } as DatasetFile;
const values = images.map((image) => leftOutValueOf(image, 'variety', 1, new Map()));

it('learns nothing of what is held out, nor of a group that it is part of, and validates on the version’s groups', () => {
  const { folds, notHeldOut, unknownImages } = planLeaveOut(file, values, 2);
  expect(folds.map(({ value }) => value)).toEqual(['gala', 'fuji']);
  expect(notHeldOut).toMatchObject([{ value: 'elstar', images: 40 }]);
  expect(unknownImages).toBe(60);
  const placesOf = (fold: number) =>
    new Set(images.map(({ group }, at) => `${group} ${values[at]} ${folds[fold]!.splits[at]}`));
  expect(placesOf(0)).toEqual(
    new Set([
      ...['a gala test', 'c gala test', 'c fuji none', 'b fuji train'],
      ...['d undefined validation', 'e elstar train'],
    ]),
  );
  expect(folds[0]).toMatchObject({ images: 420, groups: 2, learnedFrom: 340 });
  // A fruit is judged by all its views or not at all.
  const fruits = planLeaveOut({ ...file, viewsPerFruit: 2 }, values, 1).folds[0]!;
  expect(fruits.splits.filter((_, at) => images[at]!.group === 'c')).toEqual(Array(30).fill('none'));
});

it('validates on the smallest groups of each grade where the version’s lack one, and holds out nothing without them', () => {
  const some = [...group('a', 90), ...group('b', 12), ...group('c', 8), ...group('d', 30)];
  const { folds } = planLeaveOut(
    { ...file, images: some },
    some.map((each) => each.group),
    10,
  );
  const splitsOf = (held: string) => {
    const { splits } = folds.find(({ value }) => value === held)!;
    return Object.fromEntries(some.map((each, at) => [each.group, splits[at]]));
  };
  expect(splitsOf('d')).toEqual({ a: 'train', b: 'validation', c: 'validation', d: 'test' });
  expect(splitsOf('b')).toEqual({ a: 'train', b: 'test', c: 'validation', d: 'validation' });
  const two = [...group('a', 10), ...group('b', 10)];
  const plan = planLeaveOut(
    { ...file, images: two },
    two.map((each) => each.group),
    10,
  );
  expect(plan.folds).toEqual([]);
  expect(plan.notHeldOut[0]!.why).toContain('no group is left to validate on');
});

it('says that groups are shared where that is why nothing is left to learn from', () => {
  const mixed = [...group('a', 20, gala), ...group('a', 20, fuji), ...group('b', 20, gala)];
  const of = mixed.map((image) => leftOutValueOf(image, 'variety', 1, new Map()));
  const { folds, notHeldOut } = planLeaveOut({ ...file, images: mixed }, of, 10);
  expect(folds).toEqual([]);
  expect(notHeldOut.find(({ value }) => value === 'gala')?.why).toBe(
    'its groups hold 20 images of others, which cannot stay without it: fewer than two grades are left to learn from',
  );
  const alone = group('a', 20, gala);
  const why = planLeaveOut(
    { ...file, images: alone },
    alone.map(() => 'gala'),
    10,
  ).notHeldOut[0]?.why;
  expect(why).toBe('without it fewer than two grades are left to learn from');
});

it('takes the line from the station, and the session of fruit from station and day', () => {
  const [image] = group('fruit-1', 1, { about: { station: 'left', capturedAt: '2026-10-14T10:00:00.000Z' } });
  const lines = new Map([['left', 'north/line-2']]);
  const of = (by: 'line' | 'session' | 'lot', views: number) => leftOutValueOf(image!, by, views, lines);
  expect([of('line', 4), of('session', 4), of('session', 1), of('lot', 1)]).toEqual([
    ...['north/line-2', 'left 2026-10-14', 'fruit-1'],
    undefined,
  ]);
});

/** Half of what is good is found, and all that is bad. */
function evaluationOf({ splits }: { readonly splits: readonly string[] }): Evaluation {
  const cases = splits.filter((split) => split === 'test').length / 2;
  return {
    ...{ unit: 'image', images: 2 * cases, groups: 1, accuracy: 0.75, balancedAccuracy: 0.75, macroF1: 0.7 },
    ...{
      ece: 0.1,
      byGroup: [],
      intervals: { accuracy: [0.7, 0.8], balancedAccuracy: [0, 1], macroF1: [0, 1] },
    },
    confusion: [
      [cases / 2, cases / 2],
      [0, cases],
    ],
    perClass: [
      { label: 'good', precision: 1, recall: 0.5, f1: 0.6, support: cases },
      { label: 'bad', precision: 1, recall: cases === 210 ? 1 : 0.9, f1: 1, support: cases },
    ],
  };
}

it('judges each value by a training that never saw it, goes on where the time ran out, and reports the gap', async () => {
  const clock = new ManualClock();
  const blobs = new Map<string, Uint8Array>();
  const done = new Map<string, StoredRun>();
  const asked: TrialRequest[] = [];
  const results: unknown[] = [];
  let last: { run: StoredRun } | undefined;
  const ports = {
    trainer: {
      async trial(request: TrialRequest) {
        asked.push(request);
        clock.ms += 60_000;
        const evaluation = evaluationOf({
          splits: JSON.parse(Buffer.from(blobs.get(request.splits!)!).toString()),
        });
        last = {
          run: { id: asked.length, evaluated: [{ split: 'test', evaluation }] } as unknown as StoredRun,
        };
        return evaluation;
      },
    },
    trainingRuns: {
      async findDone(inputs: string) {
        if (last !== undefined) done.set(inputs, last.run);
        last = undefined;
        return done.get(inputs);
      },
    },
    blobs: {
      async put(bytes: Uint8Array) {
        const digest = `blob-${Buffer.from(bytes).toString().replace(/[^t]/g, '').length}`;
        blobs.set(digest, bytes);
        return digest;
      },
    },
    ...{ lines: new Map(), clock, codeRevision: async () => 'c0de' },
  };
  const run = {
    ...{ id: 5, actor: 'ada', signal: new AbortController().signal, onEvent: () => undefined },
    checkpoint: async () => undefined,
    setResult: async (result: unknown) => void results.push(result),
  } satisfies JobRun;
  const request: LeaveOutRequest = {
    ...{ by: 'variety', network: 'sequential', seed: 3, epochs: 2, folds: 12, budgetMinutes: 2, anew: false },
  };
  const watcher = { onFold: () => undefined, onEvent: () => undefined };
  const first = await leaveOut(ports, file, request, run, watcher);
  expect(first.folds.map(({ value, run, reused }) => [value, run, reused])).toEqual([
    ['gala', 1, false],
    ['fuji', 2, false],
  ]);
  expect(first.notHeldOut).toMatchObject([
    { value: 'elstar', why: expect.stringContaining('time was over') },
  ]);
  expect(asked[0]).toMatchObject({ heldOut: { by: 'variety', value: 'gala' }, seed: 3, epochs: 2 });
  expect(first.pooled).toMatchObject({ cases: 730, accuracy: 0.75, accuracyInterval: null });
  expect(first.recallGaps).toEqual([
    { label: 'good', groups: 2, gap: 0, worst: 'gala' },
    { label: 'bad', groups: 2, gap: expect.closeTo(0.1), worst: 'fuji' },
  ]);

  const second = await leaveOut(ports, file, request, run, watcher);
  expect(second.folds.map(({ value, reused }) => [value, reused])).toEqual([
    ['gala', true],
    ['fuji', true],
    ['elstar', false],
  ]);
  expect(results.at(-1)).toEqual(second);
  expect(asked).toHaveLength(3);
  const small = { ...file, images: group('e', 40) };
  await expect(leaveOut(ports, small, request, run, watcher)).rejects.toMatchObject({
    code: 'leave-out-senseless',
  });
});
