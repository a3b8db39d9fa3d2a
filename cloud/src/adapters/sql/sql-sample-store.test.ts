import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kysely } from '@pomona/kysely';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isForSecond, type Said } from '../../domain/label-standing.ts';
import { databases } from '../../testing/databases.ts';
import { addLabelReviews } from './migrations/label-reviews.ts';
import { migrations } from './migrations.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { PortablePostgresDialect } from './postgres-dialect.ts';
import { SqlSampleStore } from './sql-sample-store.ts';
import { PreparedSqliteDialect } from './sqlite-dialect.ts';
import type { Tables } from './tables.ts';

const boot = '00000000000000aa';
const dayMs = 86_400_000;
const nowMs = 1_700_000_000_000;
const seqs = Array.from({ length: 500 }, (_, seq) => seq);
const chosen = seqs.filter((seq) => isForSecond({ station: 'left', boot, seq }));
const others = seqs.filter((seq) => !chosen.includes(seq));

async function addStation(db: Kysely<Tables>): Promise<void> {
  const station = { name: 'left', site: 'farm', line: 'one', created_at: 0 };
  await db
    .insertInto('stations')
    .values(station as never)
    .execute();
  await db.insertInto('boots').values({ station_id: 1, boot }).execute();
}

async function addSample(db: Kysely<Tables>, seq: number, change: object = {}): Promise<number> {
  const sample = {
    ...{ station_id: 1, boot_id: 1, seq, fruit_seq: seq, at: nowMs, received_at: nowMs, lane: 0 },
    ...{ release_name: 'apples', release_version: 1, release_digest: 'a'.repeat(64), size: 8, views: 1 },
    ...{ labels: '["good","ok"]', reason: 'uncertain', grade: 'good', probabilities: '[0.6,0.4]' },
    ...{ uncertainty: 0.4, pixels: 'b'.repeat(64), ...change },
  };
  const row = db
    .insertInto('samples')
    .values(sample as never)
    .returning('id');
  return (await row.executeTakeFirstOrThrow()).id;
}

describe.each(databases)('samples in $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let store: SqlSampleStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-samples-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    store = new SqlSampleStore(db);
    await addStation(db);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const say = (
    id: number,
    kind: Said['kind'],
    actor: string,
    label: string | null,
    atMs = nowMs,
    source: Said['source'] = 'console',
  ) => store.say(id, () => ({ kind, actor, label, source, atMs }));
  const standing = async (id: number) => {
    const { label, labelledBy, second, review } = (await store.find(id))!;
    return { label, labelledBy, second: second?.label ?? null, review };
  };

  it('keep every word that was said of them, and what held before it', async () => {
    const id = await addSample(db, chosen[0]!);
    await say(id, 'label', 'ann', 'good');
    await say(id, 'label', 'ann', 'ok', nowMs + 1);
    await say(id, 'second', 'ben', 'good', nowMs + 2);
    expect(await standing(id)).toEqual({
      label: 'ok',
      labelledBy: 'ann',
      second: 'good',
      review: 'disputed',
    });
    await say(id, 'decision', 'cleo', 'good', nowMs + 3, 'api');
    expect(await standing(id)).toEqual({
      label: 'good',
      labelledBy: 'cleo',
      second: 'good',
      review: 'settled',
    });
    const history = await store.history(id);
    expect(
      history.map(({ kind, actor, source, before, label }) => [kind, actor, source, before, label]),
    ).toEqual([
      ['label', 'ann', 'console', null, 'good'],
      ['label', 'ann', 'console', 'good', 'ok'],
      ['second', 'ben', 'console', 'ok', 'good'],
      ['decision', 'cleo', 'api', 'ok', 'good'],
    ]);
    expect(history[2]!.at).toBe(new Date(nowMs + 2).toISOString());
    expect(await store.opinions()).toEqual([
      { first: { by: 'ann', label: 'ok' }, second: { by: 'ben', label: 'good' } },
    ]);
  });

  it('leave nothing behind of what was refused', async () => {
    const id = await addSample(db, 1);
    const refusal = store.say(id, () => {
      throw new Error('no');
    });
    await expect(refusal).rejects.toThrow('no');
    await store.say(id, () => undefined);
    expect(await store.history(id)).toEqual([]);
  });

  it('are offered to another person than who labelled them', async () => {
    for (const seq of [chosen[0]!, chosen[1]!, others[0]!])
      await say(await addSample(db, seq), 'label', 'ann', 'good');
    const seenBy = async (person: string) =>
      (await store.list({ state: 'second' }, person)).map(({ fruit }) => fruit!.seq);
    expect(await seenBy('ann')).toEqual([]);
    expect(await seenBy('ben')).toEqual([chosen[1], chosen[0]]);
    expect(await store.reviews({}, 'ben')).toEqual({ second: 2, disputed: 0, unresolved: 0 });
    const [first] = await store.list({ state: 'second' }, 'ben');
    await say(first!.id, 'second', 'ben', 'ok');
    expect(await store.reviews({}, 'ben')).toEqual({ second: 1, disputed: 1, unresolved: 0 });
    expect((await store.list({ state: 'disputed' }, 'cleo')).map(({ id }) => id)).toEqual([first!.id]);
    // Two labels may be learnt from: that one may not.
    expect(await store.countLabelledSince('apples', nowMs - 1)).toBe(2);
    await say(first!.id, 'second', 'ben', null);
    expect(await store.opinions()).toEqual([]);
  });

  it('are told as they stood at an instant', async () => {
    const [early, late, disputed] = [
      await addSample(db, others[0]!),
      await addSample(db, others[1]!),
      await addSample(db, chosen[0]!),
    ];
    await say(early, 'label', 'ann', 'good', nowMs);
    await say(disputed, 'label', 'ann', 'good', nowMs);
    await say(early, 'label', 'ben', 'ok', nowMs + 2 * dayMs);
    await say(late, 'label', 'ann', 'ok', nowMs + 2 * dayMs);
    await say(disputed, 'second', 'ben', 'ok', nowMs + 2 * dayMs);
    const at = async (atMs: number) =>
      (await store.labelledAt({ model: 'apples' }, atMs, 10)).map(
        ({ id, label, labelledBy, labelledAt, review }) => [
          id,
          `${label} by ${labelledBy}`,
          (Date.parse(labelledAt!) - nowMs) / dayMs,
          review === 'disputed',
        ],
      );
    expect(await at(nowMs - 1)).toEqual([]);
    expect(await at(nowMs + dayMs)).toEqual([
      [disputed, 'good by ann', 0, false],
      [early, 'good by ann', 0, false],
    ]);
    expect(await at(nowMs + 3 * dayMs)).toEqual([
      [disputed, 'good by ann', 0, true],
      [late, 'ok by ann', 2, false],
      [early, 'ok by ben', 2, false],
    ]);
    expect(await store.labelledAt({ model: 'pears' }, nowMs + 3 * dayMs, 10)).toEqual([]);
  });

  it('come for the queue with their votes, beside labels and corrections by grade', async () => {
    const waiting = await addSample(db, 1, { view_votes: '[3,1]' });
    const random = await addSample(db, 2, { reason: 'random' });
    const labelled = await addSample(db, others[5]!);
    await say(labelled, 'label', 'line-operator', 'ok', nowMs, 'operator-page');
    const candidates = await store.queueCandidates({});
    expect(candidates.map(({ id, viewVotes, reason }) => [id, viewVotes, reason])).toEqual([
      [random, null, 'random'],
      [waiting, [3, 1], 'uncertain'],
    ]);
    const one = [{ station: 'left', grade: 'good', count: 1 }];
    expect(await store.labelledByGrade()).toEqual(one);
    expect(await store.correctedByGrade(nowMs)).toEqual(one);
    expect(await store.correctedByGrade(nowMs + 1)).toEqual([]);
    expect((await store.findMany([waiting, 999, random])).map(({ id }) => id)).toEqual([waiting, random]);
  });

  it('of an earlier version keep their labels, and get a history that says what was before', async () => {
    const { url } = await database.options();
    const dialect =
      url === undefined
        ? new PreparedSqliteDialect(new Sqlite(':memory:'))
        : new PortablePostgresDialect({ url, busyTimeoutMs: 500, onIdleError: () => undefined });
    const old = new Kysely<Tables>({ dialect });
    for (const up of migrations.slice(0, migrations.indexOf(addLabelReviews))) await up(old);
    await addStation(old);
    const id = await addSample(old, chosen[0]!, { label: 'ok', labelled_at: nowMs, labelled_by: 'ada' });
    for (const [actor, label] of [
      ['line-operator', 'good'],
      ['ada', null],
      ['truth', 'bad'],
      ['ada', 'ok'],
    ] as const)
      await old
        .insertInto('sample_labels')
        .values({ sample_id: id, at: nowMs, actor, label } as never)
        .execute();
    for (const up of migrations.slice(migrations.indexOf(addLabelReviews))) await up(old);
    const earlier = new SqlSampleStore(old);
    expect(await earlier.find(id)).toMatchObject({
      label: 'ok',
      review: 'none',
      second: null,
      viewVotes: null,
    });
    expect((await earlier.history(id)).map(({ source, before, label }) => [source, before, label])).toEqual([
      ['operator-page', null, 'good'],
      ['unrecorded', 'good', null],
      ['scenario-truth', null, 'bad'],
      ['unrecorded', 'bad', 'ok'],
    ]);
    await old.destroy();
  });
});
