/** Features of graded fruit beside the labels that were known at a moment. */
import { deflateRawSync } from 'node:zlib';
import type { FeaturePage, FeatureQuery, FeatureRow, SampleList } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openFeatures } from '../adapters/open-features.ts';
import { openDatabase } from '../adapters/sql/open-database.ts';
import { isForSecond } from '../domain/label-standing.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testBoot, testGrades } from '../testing/test-station.ts';
import { featureRows, readFeatures } from '../use-cases/read-features.ts';

const size = 8;
const pixels = deflateRawSync(new Uint8Array(size * size * 3).fill(90)).toString('base64');
/** Of which no second opinion is wanted. */
const [first, second, third] = Array.from({ length: 60 }, (_, at) => at + 1).filter(
  (seq) => !isForSecond({ station: 'left', boot: testBoot, seq }),
) as [number, number, number];
let test: TestControlPlane;
let station: TestStation;

beforeAll(async () => {
  test = await startTestControlPlane();
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
  const { release, labels, at } = testGrades([1]);
  await station.send('grades', testGrades([first, second]));
  for (const [seq, of] of [
    [100, first],
    [101, first],
    [102, second],
  ] as const)
    await station.send('samples', {
      ...{ v: 1, boot: testBoot, seq, at, release, labels, size, reason: 'uncertain', views: [pixels] },
      fruit: { seq: of, at, lane: 1, grade: 'ok', probabilities: [0.5, 0.3, 0.2] },
    });
  await eventually(async () => (await samples()).length === 3);
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

async function ask<T>(path: string, body?: unknown): Promise<T> {
  const { plane } = test;
  const answer = await fetch(plane.urls.console + path, {
    ...(body === undefined ? {} : { method: 'PUT', body: JSON.stringify(body) }),
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
  });
  if (!answer.ok) throw new Error(await answer.text());
  return (await answer.json()) as T;
}

const samples = async () => (await ask<SampleList>('/v1/samples')).samples;

/** Labels one of the fruit's samples and tells an instant behind that, before anything else is said. */
async function say(seq: number, which: number, label: string | null): Promise<string> {
  const of = (await samples()).filter(({ fruit }) => fruit!.seq === seq).sort((a, b) => a.id - b.id);
  await ask(`/v1/samples/${of[which]!.id}/label`, { label });
  const said = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 2));
  return said;
}

const labelsIn = (rows: readonly FeatureRow[]) => rows.map(({ seq, label }) => [seq, label]);
const labelsAt = async (asOf?: string) =>
  labelsIn(
    (await ask<FeaturePage>(`/v1/features?withLabels=true${asOf === undefined ? '' : `&asOf=${asOf}`}`)).rows,
  );

it('gives no label that came later, and none of what was taken back since', async () => {
  const before = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 2));
  const told: [string, (readonly [number, string | null])[]][] = [];
  const tell = async (
    seq: number,
    which: number,
    label: string | null,
    now: [string | null, string | null],
  ) =>
    void told.push([
      await say(seq, which, label),
      [
        [first, now[0]],
        [second, now[1]],
      ],
    ]);
  await tell(first, 0, 'good', ['good', null]);
  await tell(second, 0, 'bad', ['good', 'bad']);
  // The fruit's other sample, later.
  await tell(first, 1, 'ok', ['ok', 'bad']);
  await tell(second, 0, null, ['ok', null]);
  await tell(first, 1, 'bad', ['bad', null]);
  // A fruit that comes in now was not there at any of these.
  await station.send('grades', testGrades([third]));
  await eventually(async () => (await labelsAt()).length === 3);

  expect(await labelsAt(before)).toEqual([
    [first, null],
    [second, null],
  ]);
  for (const [asOf, expected] of told) expect(await labelsAt(asOf), asOf).toEqual(expected);
  expect(await labelsAt()).toEqual([
    [first, 'bad'],
    [second, null],
    [third, null],
  ]);
});

it('names the instant, so that the pages that follow are of the same', async () => {
  const page = await ask<FeaturePage>('/v1/features?withLabels=true&limit=1');
  expect(Date.parse(page.asOf!)).toBeLessThanOrEqual(Date.now());
  await say(first, 1, 'ok');
  const again = await ask<FeaturePage>(`/v1/features?withLabels=true&limit=1&asOf=${page.asOf}`);
  expect(again).toEqual(page);
  expect((await ask<FeaturePage>('/v1/features?limit=1')).asOf).toBeUndefined();
});

it('takes the instant in any form of RFC 3339, and says what is wrong with another', async () => {
  const at = Date.now();
  const wanted = await labelsAt(new Date(at).toISOString());
  const clock = new Date(at + 5.5 * 3_600_000).toISOString().replace('Z', '%2B05:30');
  expect(await labelsAt(clock)).toEqual(wanted);
  expect(await labelsAt(new Date(at).toISOString().replace('T', '%20').replace('Z', '999Z'))).toEqual(wanted);
  const refused = (asOf: string) => expect(ask(`/v1/features?asOf=${asOf}`)).rejects;
  await refused('2026-10-14').toThrow(
    'querystring: /asOf 2026-10-14 has no time of day, as in 2026-10-14T08:00:00Z or 2026-10-14T10:00:00+02:00',
  );
  await refused('2026-10-14T10:00:00+02:00').toThrow('in an address that is written %2B');
  await refused('2026-02-30T10:00:00Z').toThrow('a day that there is not');
});

it('is written part by part with the same labels in each, as typed columns', async () => {
  const db = await openDatabase(test.folder);
  const query: FeatureQuery = { set: 'fruit@1', withLabels: true };
  const reading = await readFeatures(openFeatures(test.folder, db), query);
  const rows: FeatureRow[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: FeaturePage = await reading.page(after, 1);
    rows.push(...page.rows);
    after = page.next;
    // What is said while it is written comes too late.
    await say(second, 0, 'ok');
  }
  expect(labelsIn(rows)).toEqual([
    [first, 'ok'],
    [second, null],
    [third, null],
  ]);
  for await (const part of featureRows(reading, query)) expect(labelsIn(part)[1]).toEqual([second, null]);
  expect(reading.set.keys.slice(-3)).toEqual(['label', 'labelledAt', 'labelReview']);
  await db.destroy();
});
