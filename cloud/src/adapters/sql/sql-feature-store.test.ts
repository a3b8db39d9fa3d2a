import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { driftEdgesVersion } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import { openDatabase } from './open-database.ts';
import { SqlFeatureStore } from './sql-feature-store.ts';

const day = 86_400_000;

describe.each(databases)('what the feature store reads from $name', (database) => {
  it('is in the order of arrival, of a time and a station, and each fruit of the release that graded it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-feature-store-'));
    const db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    const store = new SqlFeatureStore(db);
    for (const [id, name] of [
      [1, 'left'],
      [2, 'right'],
    ] as const) {
      await db.insertInto('stations').values({ id, name, site: 's', line: 'l', created_at: 0 }).execute();
      await db
        .insertInto('boots')
        .values({ id, station_id: id, boot: `boot-${name}` })
        .execute();
      const release = { name: 'apples', version: id, digest: `${id}`.repeat(64), labels: '["good","bad"]' };
      await db
        .insertInto('releases')
        .values({ id, ...release })
        .execute();
    }
    // Two stations in turns, some records at the same instant; the second half was graded by the second release.
    for (let i = 0; i < 40; i++)
      await db
        .insertInto('fruits')
        .values({
          ...{ boot_id: 1 + (i % 2), station_id: 1 + (i % 2), seq: i, release_id: i < 20 ? 1 : 2 },
          ...{ recipe_version: 1, at: 0, received_at: Math.floor(i / 4) * day, lane: 0, position_mm: 1.5 },
          ...{ grade: 'good', gate: 0, outcome: 'graded', probabilities: '[0.75,0.25]', views: 5 },
          ...{ diameter_mm: 70.25, colour: '[1,2,3]', latency_ms: 9.5 },
        })
        .execute();
    const all = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, after: 0, limit: 100 };
    const seqs = async (change: Partial<Parameters<typeof store.fruits>[0]>) =>
      (await store.fruits({ ...all, ...change })).map(({ seq }) => seq);

    expect(await seqs({})).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(await seqs({ station: 'right', limit: 3 })).toEqual([1, 3, 5]);
    expect(await seqs({ station: 'nobody' })).toEqual([]);
    for (let from = 0; from <= 10; from++)
      for (let to = from; to <= 11; to++) {
        const expected = Array.from({ length: 40 }, (_, i) => i).filter(
          (i) => Math.floor(i / 4) >= from && Math.floor(i / 4) < to,
        );
        expect(await seqs({ fromMs: from * day, toMs: to * day }), `${from} to ${to}`).toEqual(expected);
      }
    const page = await store.fruits({ ...all, fromMs: 3 * day, limit: 5 });
    expect(await seqs({ fromMs: 3 * day, after: page.at(-1)!.id, limit: 2 })).toEqual([17, 18]);
    const [last] = (await store.fruits(all)).slice(-1);
    expect(last).toMatchObject({
      ...{ station: 'right', boot: 'boot-right', receivedAt: '1970-01-10T00:00:00.000Z' },
      release: { name: 'apples', version: 2, digest: '2'.repeat(64) },
      ...{ labels: ['good', 'bad'], probabilities: [0.75, 0.25], colour: [1, 2, 3], diameterMm: 70.25 },
    });
    expect((await store.fruits(all))[19]?.release.version).toBe(1);

    // A window at each end of a day, one a millisecond before and one after it.
    const instants = [day - 1, day, day + 1, 2 * day - 1, 2 * day, 2 * day + 1];
    const windows = async (fromMs: number, toMs: number, after = 0) =>
      (await store.windows({ ...all, fromMs, toMs, after })).map(({ receivedAt }) => Date.parse(receivedAt));
    expect(await windows(day, 2 * day)).toEqual([]);
    for (const [seq, received_at] of instants.entries())
      await db
        .insertInto('drift_windows')
        .values({
          ...{ station_id: 1, boot_id: 1, seq, release_id: 1, received_at, fruits: 500 },
          ...{ edges: driftEdgesVersion, body: '{}' },
        })
        .execute();
    for (const from of [0, ...instants, 3 * day])
      for (const to of [...instants, 3 * day])
        expect(await windows(from, to), `${from} to ${to}`).toEqual(
          instants.filter((at) => at >= from && at < to),
        );
    expect(await windows(day, 2 * day, 2)).toEqual([day + 1, 2 * day - 1]);
    // The clock was set back and on again: what is behind the end is not looked for through the whole table.
    for (const [seq, received_at] of [day, 3 * day].entries())
      await db
        .insertInto('drift_windows')
        .values({
          ...{ station_id: 1, boot_id: 1, seq: 90 + seq, release_id: 1, received_at, fruits: 500 },
          ...{ edges: driftEdgesVersion, body: '{}' },
        })
        .execute();
    expect(await windows(day, 2 * day)).toEqual([day, day + 1, 2 * day - 1]);
    expect(await windows(day, 4 * day)).toEqual([...instants.slice(1), day, 3 * day]);
    // The sixth fruit was sampled twice, the seventh once; another boot has a fruit of the same number.
    const sampleOf = (boot_id: number, seq: number, fruit_seq: number, review = 'none') =>
      db
        .insertInto('samples')
        .values({
          ...{ station_id: boot_id, boot_id, seq, at: 0, received_at: 0, release_name: 'apples' },
          ...{ release_version: 1, release_digest: '1'.repeat(64), labels: '[]', size: 8, views: 1 },
          ...{ reason: 'random', fruit_seq, lane: 0, grade: 'good', probabilities: '[]', uncertainty: 0 },
          ...{ pixels: '2'.repeat(64), review },
        })
        .returning('id')
        .executeTakeFirstOrThrow();
    const say = (sample_id: number, at: number, label: string | null) =>
      db
        .insertInto('sample_labels')
        .values({ sample_id, at, actor: 'ann', label, label_before: null, actor_before: null })
        .execute();
    const [a, b, c, other] = [
      await sampleOf(2, 100, 5),
      await sampleOf(2, 101, 5, 'wanted'),
      await sampleOf(1, 100, 6),
      await sampleOf(1, 101, 5),
    ];
    // Instants that need more than 32 bits.
    const at = Date.UTC(2026, 10, 30);
    for (const [sample, ms, label] of [
      [a, 1, 'good'],
      [b, 2, 'bad'],
      [a, 3, null],
      [c, 2, 'ok'],
      [other, 1, 'ok'],
    ] as const)
      await say(sample.id, at + ms, label);
    const ids = new Map((await store.fruits(all)).map(({ id, seq }) => [seq, id]));
    const labelsAt = async (ms: number, seqs: readonly number[]) => {
      const found = await store.labels(
        seqs.map((seq) => ids.get(seq)!),
        at + ms,
      );
      return seqs.map((seq) =>
        found
          .get(ids.get(seq)!)
          ?.map(({ said, wantsSecond }) => [
            said.map(({ label, atMs }) => `${label} ${atMs - at}`).join(),
            wantsSecond,
          ]),
      );
    };
    expect(await labelsAt(2, [5, 6, 7])).toEqual([
      [
        ['good 1', false],
        ['bad 2', true],
      ],
      [['ok 2', false]],
      undefined,
    ]);
    expect(await labelsAt(1, [6, 5])).toEqual([
      [['', false]],
      [
        ['good 1', false],
        ['', true],
      ],
    ]);
    expect((await labelsAt(3, [5]))[0]![0]).toEqual(['good 1,null 3', false]);
    expect(await store.labels([], at)).toEqual(new Map());
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
});
