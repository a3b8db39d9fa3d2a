import {
  type DatasetReport,
  type FeaturePage,
  type FeatureSetView,
  seededRandom,
  systemClock,
} from '@pomona/wire';
import { parse as parseCsv } from 'csv-parse/sync';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DatasetFolderStore } from '../adapters/dataset/dataset-folder.ts';
import { drawWindows } from '../testing/drift-windows.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades } from '../testing/test-station.ts';
import { importViews } from '../use-cases/import-dataset-views.ts';

const size = 16;
const random = seededRandom(1, 'exploring');
let test: TestControlPlane;
let station: TestStation;

function* drawn() {
  for (let i = 0; i < 20; i++) {
    const crop = new Uint8Array(size * size * 3).map(() => 100 + Math.floor(random.next() * 100));
    yield { crop, grade: i % 2 ? 'good' : 'bad', group: `a "red" one, ${i}` };
  }
}

beforeAll(async () => {
  test = await startTestControlPlane();
  const ports = { store: new DatasetFolderStore(test.folder), clock: systemClock };
  const request = { name: 'drawn', source: 'test', labels: ['good', 'bad'], inputSize: size, seed: 1 };
  await test.plane.stores.datasets.save((await importViews(ports, request, drawn())).view);
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
  await enrolTestStation(test.plane, 'right');
  await station.send('grades', testGrades([1, 2, 3]));
  const newer = { name: 'sequential', version: 2, digest: 'b'.repeat(64) };
  const { fruits, ...batch } = testGrades([4, 5], { release: newer });
  // The second comes from an agent that measures more.
  const measures = { roundness: 0.93, contrast: 25.3, sharpness: 140.8 };
  await station.send('grades', {
    ...batch,
    fruits: fruits.map((fruit) => (fruit.seq === 5 ? { ...fruit, measures } : fruit)),
  });
  for (const window of drawWindows(2, 50, 1)) await station.send('drift', window);
  await eventually(async () => (await get<FeaturePage>('/v1/features')).rows.length === 5);
  await eventually(async () => (await get<FeaturePage>('/v1/features?set=window')).rows.length === 2);
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

async function ask(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const { plane } = test;
  const authorization = `Bearer ${plane.localToken}`;
  return fetch(new URL(path, plane.urls.console), { headers: { authorization, ...headers } });
}

async function get<T>(path: string): Promise<T> {
  return (await (await ask(path)).json()) as T;
}

it('tells every graded fruit’s features, page by page, each with the release that graded it', async () => {
  const first = await get<FeaturePage>('/v1/features?station=left&limit=3');
  expect(first.set).toBe('fruit@3');
  expect(first.rows[0]).toMatchObject({
    ...{ station: 'left', seq: 1, release: 'sequential@1', predicted: 'good', red: 200, diameterMm: 75.5 },
    ...{ topProbability: 0.5, margin: 0.25, views: 7, latencyMs: 12.5 },
  });
  const second = await get<FeaturePage>(`/v1/features?station=left&limit=3&after=${first.next}`);
  expect(second.rows.map(({ seq, release }) => [seq, release])).toEqual([
    [4, 'sequential@2'],
    [5, 'sequential@2'],
  ]);
  expect(second.next).toBeNull();
  expect(second.rows.map(({ roundness, contrast, sharpness }) => [roundness, contrast, sharpness])).toEqual([
    [null, null, null],
    [0.93, 25.3, 140.8],
  ]);
  const before = await get<FeaturePage>('/v1/features?station=left&set=fruit@2&after=3');
  expect([before.set, before.rows]).toEqual([
    'fruit@2',
    second.rows.map(({ contrast: _, sharpness: __, ...row }) => row),
  ]);
  expect((await get<FeaturePage>('/v1/features?station=right')).rows).toEqual([]);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  expect((await get<FeaturePage>(`/v1/features?from=${tomorrow}`)).rows).toEqual([]);
  expect((await get<FeaturePage>(`/v1/features?to=${tomorrow}`)).rows).toHaveLength(5);
});

it('tells a station’s windows, and a dataset’s images', async () => {
  const [window] = (await get<FeaturePage>('/v1/features?set=window@1&station=left')).rows;
  expect(window).toMatchObject({ station: 'left', release: 'apples@1', fruits: 50 });
  expect(window!.sizeMedian).toBeGreaterThan(65);
  const page = await get<FeaturePage>('/v1/features?dataset=drawn&limit=15');
  expect([page.set, page.rows.length, page.next]).toEqual(['view@2', 15, 15]);
  const rest = await get<FeaturePage>('/v1/features?set=view&dataset=drawn&after=15');
  expect([rest.rows.length, rest.next]).toEqual([5, null]);
  expect(new Set([...page.rows, ...rest.rows].map(({ group }) => group)).size).toBe(20);
  const first = await get<FeaturePage>('/v1/features?set=view@1&dataset=drawn&limit=15');
  const { contrast, lumaSkewness, saturationDeviation, saturationSkewness, redShare, roundness, ...old } =
    page.rows[14]!;
  expect([first.set, first.rows[14]]).toEqual(['view@1', old]);
  for (const figure of [contrast, lumaSkewness, saturationDeviation, saturationSkewness, redShare, roundness])
    expect(figure).toEqual(expect.any(Number));
  const groups = await get<FeaturePage>('/v1/features?set=group&dataset=drawn&after=8');
  expect([groups.rows.length, groups.next]).toEqual([12, null]);
  expect(groups.rows[0]).toMatchObject({ group: page.rows[8]!.group, images: 1, luma: page.rows[8]!.luma });
});

it('gives all of it as CSV to who asks for that', async () => {
  const fruits = await ask('/v1/features?station=left', { accept: 'text/csv' });
  expect(fruits.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const [head, ...lines] = (await fruits.text()).trimEnd().split('\n');
  expect(head).toMatch(
    /^station,boot,seq,at,receivedAt,release,.*,entropy,latencyMs,redShare,roundness,defectShare,contrast,sharpness$/,
  );
  expect(lines).toHaveLength(5);
  const images = await (await ask('/v1/features?dataset=drawn&format=csv')).text();
  expect(images.trimEnd().split('\n')).toHaveLength(21);
  expect(images).toMatch(/^[0-9a-f]{64},bad,"a ""red"" one, 0",/m);
});

it('gives the same as Parquet, with types', async () => {
  for (const query of ['station=left', 'set=window', 'dataset=drawn', 'set=group&dataset=drawn']) {
    const answer = await ask(`/v1/features?${query}`, { accept: 'application/vnd.apache.parquet' });
    expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const file = await answer.arrayBuffer();
    const csv = await (await ask(`/v1/features?${query}&format=csv`)).text();
    const [head, ...lines]: string[][] = parseCsv(csv);
    const rows = await parquetReadObjects({ file, utf8: true });
    expect(rows).toHaveLength(lines.length);
    const inCsv = (value: unknown) =>
      value === null ? '' : value instanceof Date ? value.toISOString() : String(value);
    expect(rows.map((row) => head!.map((name) => inCsv(row[name])))).toEqual(lines);
  }
  const file = await (await ask('/v1/features?station=left&format=parquet')).arrayBuffer();
  const [fruit] = await parquetReadObjects({ file });
  expect(fruit).toMatchObject({ station: 'left', luma: expect.any(Number), seq: expect.any(BigInt) });
  expect([fruit!.at, fruit!.receivedAt]).toEqual([expect.any(Date), expect.any(Date)]);
  const empty = await (await ask('/v1/features?station=right&format=parquet')).arrayBuffer();
  expect(parquetMetadata(empty).schema.map(({ name }) => name)).toContain('diameterMm');
  expect(await parquetReadObjects({ file: empty })).toEqual([]);
});

it('tells the figures of the page about a dataset version', async () => {
  const { digest } = (await test.plane.stores.datasets.find('drawn', ''))!;
  const report = await get<DatasetReport>(`/v1/datasets/drawn/${digest}/report.json`);
  expect(report).toMatchObject({ dataset: { name: 'drawn', digest }, images: 20, groups: 20 });
  expect(report.features.map(({ name }) => name)).toContain('sharpness');
  expect((await ask(`/v1/datasets/drawn/${'0'.repeat(64)}/report.json`)).status).toBe(404);
});

it('refuses what no set has', async () => {
  for (const [query, status, code] of [
    ['set=apple', 404, 'feature-set-unknown'],
    ['set=view', 400, 'feature-query'],
    ['set=group&station=left', 400, 'feature-query'],
    ['dataset=drawn&station=left', 400, 'feature-query'],
    ['set=fruit&dataset=drawn', 400, 'feature-query'],
    ['from=2026-01-02T00:00:00.000Z&to=2026-01-01T00:00:00.000Z', 400, 'feature-query'],
    ['from=2026-01-99T00:00:00.000Z', 400, 'bad-request'],
    ['set=embedding&dataset=drawn', 400, 'feature-query'],
    ['set=embedding&model=apples', 400, 'feature-query'],
    ['set=embedding&dataset=drawn&model=apples', 404, 'model-unknown'],
    ['set=embedding@0123456789ab&dataset=drawn', 400, 'feature-query'],
    ['set=view&dataset=drawn&model=apples', 400, 'feature-query'],
    ['set=view&dataset=drawn&withLabels=true', 400, 'feature-query'],
    ['set=window&withLabels=true', 400, 'feature-query'],
    ['asOf=2126-01-01T00:00:00.000Z', 400, 'feature-query'],
    ['withLabels=perhaps', 400, 'bad-request'],
    ['limit=10001', 400, 'bad-request'],
    ['dataset=other', 404, 'dataset-unknown'],
    ['station=other', 404, 'station-unknown'],
  ] as const) {
    const answer = await ask(`/v1/features?${query}`);
    expect([answer.status, ((await answer.json()) as { code: string }).code], query).toEqual([status, code]);
  }
});

it('says what each column is', async () => {
  const sets = await get<FeatureSetView[]>('/v1/features/sets');
  expect(sets.map(({ set }) => set)).toEqual([
    ...['view@1', 'group@1', 'fruit@1', 'window@1', 'view@2', 'group@2', 'fruit@2', 'fruit@3'],
    'embedding@MODEL-DIGEST',
  ]);
  for (const { columns } of sets)
    for (const { unit, about } of columns) expect(Math.min(unit.length, about.length)).toBeGreaterThan(1);
});
