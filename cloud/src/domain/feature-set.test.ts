import { seededRandom } from '@pomona/wire';
import { expect, it } from 'vitest';
import { drawWindows } from '../testing/drift-windows.ts';
import { fruitRow, type GradedFruit, groupRows, viewRows, windowRow } from './feature-rows.ts';
import { featureSets, findFeatureSet } from './feature-set.ts';

const receivedAt = '2026-01-02T03:04:05.678Z';
const fruit: GradedFruit = {
  ...{ id: 9, station: 'left', boot: '0123456789abcdef', seq: 7, at: '2026-01-02T03:04:04.000Z', receivedAt },
  release: { name: 'apples', version: 3, digest: 'a'.repeat(64) },
  ...{ labels: ['good', 'ok', 'bad'], recipeVersion: 2, lane: 1, positionMm: 1_000, gate: 2 },
  ...{ grade: 'bad', outcome: 'graded', probabilities: [0.2, 0.7, 0.1], views: 6 },
  ...{ diameterMm: 75.5, colour: [200, 60, 50], latencyMs: 12.5 },
};
const [window] = drawWindows(1, 50, 1);

function rounded(row: object): unknown {
  return JSON.parse(
    JSON.stringify(row, (_, value) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value)),
  );
}

/** A set that was given out keeps these figures; another way to compute them is another version. */
it('holds every set to its figures', () => {
  const random = seededRandom(1, 'features');
  const crop = new Uint8Array(8 * 8 * 3).map((_, i) =>
    i < 48 ? 0 : [180, 90, 60][i % 3]! + Math.floor(40 * random.next()),
  );
  expect([...viewRows(crop, 8)].map((value) => Number(value.toPrecision(6)))).toMatchInlineSnapshot(`
    [
      135.8,
      200.688,
      113.042,
      81.2292,
      0.593709,
      14.8986,
      765.38,
      0,
      0.75,
      7.09284,
      -0.302941,
      0.0663523,
      -0.119679,
      0.770833,
      0.75,
    ]
  `);
  expect(rounded(fruitRow(findFeatureSet('fruit@1'), fruit))).toMatchInlineSnapshot(`
    {
      "at": "2026-01-02T03:04:04.000Z",
      "blue": 50,
      "boot": "0123456789abcdef",
      "diameterMm": 75.5,
      "entropy": 0.801819,
      "grade": "bad",
      "green": 60,
      "hue": 3.41798,
      "lane": 1,
      "latencyMs": 12.5,
      "luma": 100.977,
      "margin": 0.5,
      "outcome": "graded",
      "predicted": "ok",
      "receivedAt": "2026-01-02T03:04:05.678Z",
      "recipeVersion": 2,
      "red": 200,
      "release": "apples@3",
      "releaseDigest": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "saturation": 0.75,
      "seq": 7,
      "station": "left",
      "topProbability": 0.7,
      "views": 6,
    }
  `);
  expect(rounded(windowRow({ id: 1, station: 'left', receivedAt, window: window! }))).toMatchInlineSnapshot(`
    {
      "beltBlue": 80.2125,
      "beltGreen": 80.2125,
      "beltRed": 80.2125,
      "blueMedian": 69.3333,
      "boot": "00000000000000dd",
      "clippedMedian": 0.00075,
      "entropyMedian": 0.266667,
      "estimatedAccuracy": 0.893168,
      "from": "2026-01-01T00:00:00.000Z",
      "fruits": 50,
      "greenMedian": 101.565,
      "hueMedian": 12.9412,
      "lumaMedian": 118.545,
      "receivedAt": "2026-01-02T03:04:05.678Z",
      "redMedian": 172,
      "release": "apples@1",
      "releaseDigest": "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
      "saturationMedian": 0.59375,
      "seq": 0,
      "sharpnessMedian": 103.968,
      "sizeMedian": 75,
      "station": "left",
      "to": "2026-01-01T00:00:00.000Z",
      "topProbabilityMedian": 0.926923,
      "views": 100,
    }
  `);
});

it('has in each row what the set says, in its order', () => {
  const namesOf = (name: string) => {
    const { keys, columns } = findFeatureSet(name);
    return [...keys, ...columns.map((column) => column.name)];
  };
  expect(Object.keys(fruitRow(findFeatureSet('fruit'), fruit))).toEqual(namesOf('fruit'));
  expect(Object.keys(windowRow({ id: 1, station: 'left', receivedAt, window: window! }))).toEqual(
    namesOf('window@1'),
  );
});

it('takes the mean over the pictures of a group, which has a grade where all have the same', () => {
  const { columns, keys } = findFeatureSet('group');
  const width = columns.length - 1;
  const image = { digest: 'd', split: 'train' as const, source: '' };
  const images = [
    { ...image, group: 'a', grade: 'good' },
    { ...image, group: 'b', grade: 'good' },
    { ...image, group: 'a', grade: 'good' },
    { ...image, group: 'b', grade: 'bad' },
  ];
  const figures = Float32Array.from(
    { length: 4 * width },
    (_, i) => Math.floor(i / width) * 10 + (i % width),
  );
  const rows = groupRows(findFeatureSet('group'), images, figures);
  const old = findFeatureSet('group@1');
  expect(Object.keys(groupRows(old, images, figures)[0]!)).toEqual([
    ...[...old.keys, ...old.columns.map(({ name }) => name)],
  ]);
  expect(Object.keys(rows[0]!)).toEqual([...keys, ...columns.map(({ name }) => name)]);
  expect(rows).toMatchObject([
    { group: 'a', grade: 'good', split: 'train', images: 2, luma: 10, red: 11, coverage: 18 },
    { group: 'b', grade: null, images: 2, luma: 20, coverage: 28 },
  ]);
});

it('says nothing of a fruit that no picture shows, and of what a window did not count', () => {
  const unseen = fruitRow(findFeatureSet('fruit'), {
    ...fruit,
    probabilities: [],
    views: 0,
    outcome: 'unseen',
    colour: [0, 0, 0],
  });
  expect(unseen).toMatchObject({
    ...{ predicted: null, topProbability: null, margin: null, entropy: null, saturation: 0, hue: 0 },
    ...{ redShare: null, roundness: null, defectShare: null, contrast: null, sharpness: null },
  });
  const { belt: _, ...beltless } = window!;
  const empty = { ...beltless, histograms: [], confidence: { sum: [], predicted: [] } };
  expect(windowRow({ id: 1, station: 'left', receivedAt, window: empty })).toMatchObject({
    ...{ lumaMedian: null, beltRed: null, estimatedAccuracy: null, fruits: 50 },
  });
});

it('has of a fruit what its agent measured beside size and colour', () => {
  const hues = Array.from({ length: 18 }, (_, bin) => (bin < 6 ? 100 : bin === 6 ? 50 : 10));
  const measures = { hues, roundness: 0.93, defectShare: 0.04, contrast: 25.3, sharpness: 140.8 };
  const { contrast, sharpness, ...before } = fruitRow(findFeatureSet('fruit@3'), { ...fruit, measures });
  expect(before).toMatchObject({ redShare: 0.6, roundness: 0.93, defectShare: 0.04, latencyMs: 12.5 });
  expect([contrast, sharpness]).toEqual([25.3, 140.8]);
  expect(fruitRow(findFeatureSet('fruit@2'), { ...fruit, measures })).toStrictEqual(before);
  const { contrast: _, sharpness: __, ...older } = measures;
  expect(fruitRow(findFeatureSet('fruit@3'), { ...fruit, measures: older })).toStrictEqual({
    ...{ ...before, contrast: null, sharpness: null },
  });
});

it('finds a set by its name and version', () => {
  expect(featureSets.map(({ set }) => set)).toEqual([
    ...['view@1', 'group@1', 'fruit@1', 'window@1', 'view@2', 'group@2', 'fruit@2', 'fruit@3'],
  ]);
  expect(findFeatureSet('view').set).toBe('view@2');
  expect(findFeatureSet('fruit')).toBe(findFeatureSet('fruit@3'));
  for (const reference of ['fruit@4', 'fruit@', 'apple'])
    expect(() => findFeatureSet(reference)).toThrow(`no feature set ${reference}`);
});
