import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databases } from '../../testing/databases.ts';
import type { FoundPhotograph, PhotographImport } from '../../use-cases/photograph-ports.ts';
import { openDatabase, type PomonaDatabase } from './open-database.ts';
import { pruneOld } from './prune-old.ts';
import { SqlPhotographStore } from './sql-photograph-store.ts';
import { SqlSampleStore } from './sql-sample-store.ts';

const nowMs = 1_700_000_000_000;
const into: PhotographImport = { dataset: 'box', labels: ['good', 'bad'], size: 8, atMs: nowMs };
const labelled = { by: 'nick', at: new Date(nowMs).toISOString() };
const digest = (n: number) => n.toString(16).padStart(64, '0');

function photograph(n: number, change: Partial<FoundPhotograph> = {}): FoundPhotograph {
  return { path: `day/${n}.jpg`, original: digest(n), group: 'day', pixels: digest(100 + n), ...change };
}

describe.each(databases)('photographs in $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let store: SqlPhotographStore;
  let samples: SqlSampleStore;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-photographs-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    store = new SqlPhotographStore(db);
    samples = new SqlSampleStore(db);
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const say = (id: number, label: string, atMs: number) =>
    samples.say(id, () => ({ kind: 'label', source: 'console', actor: 'ann', label, atMs }));
  const listed = async (atMs = nowMs + 100) =>
    (await store.listAt('box', atMs)).map(({ path, crop }) => [path, crop?.label?.label ?? null]);

  it('are samples that no station sent, one for each content, until retention would delete others', async () => {
    const about = { variety: 'Elstar', capturedAt: '2023-10-01T08:00:00.000Z' };
    const refused = photograph(2, { refused: 'it is too dark' });
    expect(await store.keep([photograph(1, { about }), refused], into)).toEqual({ added: 2, known: 0 });
    // Without a crop there is nothing to label.
    const { pixels: _, ...uncut } = photograph(3, { refused: 'two grades' });
    expect(await store.keep([photograph(1, { path: 'elsewhere.jpg', about }), uncut], into)).toEqual({
      added: 0,
      known: 1,
    });
    const [dark, ...others] = await samples.list({ state: 'quarantined' });
    expect([dark!.photograph?.refused, others]).toEqual(['it is too dark', []]);
    const [waiting] = await samples.list({ state: 'unlabelled', dataset: 'box' });
    expect(waiting).toMatchObject({
      ...{ station: null, release: null, fruit: null, at: about.capturedAt, reason: 'photograph' },
      photograph: { dataset: 'box', path: 'elsewhere.jpg', group: 'day', about },
    });
    expect(await samples.counts({})).toEqual({ labelled: 0, unlabelled: 1, quarantined: 1 });
    expect(await store.counts()).toEqual([
      { dataset: 'box', photographs: 3, labelled: 0, unlabelled: 1, disputed: 0, quarantined: 2 },
    ]);
    const blobs = { remove: async () => undefined };
    await pruneOld(db, { beforeMs: nowMs + 1_000, signal: new AbortController().signal, blobs });
    expect(await samples.counts({})).toEqual({ labelled: 0, unlabelled: 1, quarantined: 1 });
  });

  it('are labelled by who takes them from the quarantine, unless somebody labelled them', async () => {
    const dark = { refused: 'it is too dark' };
    await store.keep([photograph(1, dark), photograph(2, dark)], into);
    const waiting = await samples.list({ state: 'quarantined' });
    await say(waiting.find(({ photograph: seen }) => seen?.path === 'day/2.jpg')!.id, 'bad', nowMs + 1);
    const good = (n: number) => ({ original: digest(n), grade: 'good' });
    const by = { by: 'ann', source: 'console', atMs: nowMs + 2 } as const;
    await store.take('other', [good(1)], by);
    expect(await samples.counts({})).toEqual({ labelled: 1, unlabelled: 0, quarantined: 1 });
    // The third was never kept.
    await store.take('box', [good(1), good(2), good(3)], by);
    expect(await listed()).toEqual([
      ['day/1.jpg', 'good'],
      ['day/2.jpg', 'bad'],
    ]);
    expect(await samples.counts({})).toEqual({ labelled: 2, unlabelled: 0, quarantined: 0 });
  });

  it('wait as one kind where no group is known, and by their groups otherwise', async () => {
    const alone = (n: number, change: Partial<FoundPhotograph> = {}) =>
      photograph(n, { group: `day/${n}.jpg`, ...change });
    const good = { said: { grade: 'good', labelled } };
    await store.keep([alone(1), alone(2, good), alone(3, good), photograph(4), photograph(5, good)], into);
    const waiting = await samples.queueCandidates({});
    expect(waiting.map(({ station }) => station).sort()).toEqual(['box', 'the group day of box']);
    const counted = (await samples.labelledByGrade()).map(({ station, count }) => [station, count]);
    expect(counted.sort()).toEqual([
      ['box', 2],
      ['the group day of box', 1],
    ]);
  });

  it('keep what a person said against the same folder, and not against one that says otherwise than it did', async () => {
    const said = (grade: string) => photograph(1, { said: { grade, labelled } });
    await store.keep([said('good')], into);
    const [sample] = await samples.list({});
    expect(sample).toMatchObject({ label: 'good', labelledBy: 'nick', review: 'none' });
    await say(sample!.id, 'bad', nowMs + 10);
    await store.keep([said('good')], { ...into, atMs: nowMs + 20 });
    expect(await listed()).toEqual([['day/1.jpg', 'bad']]);
    expect(await listed(nowMs)).toEqual([['day/1.jpg', 'good']]);
    await say(sample!.id, 'good', nowMs + 30);
    await store.keep([said('bad')], { ...into, atMs: nowMs + 40 });
    expect(await listed()).toEqual([['day/1.jpg', 'bad']]);
    const history = await samples.history(sample!.id);
    expect(history.map(({ actor, source, label }) => [actor, source, label])).toEqual([
      ['nick', 'import', 'good'],
      ['ann', 'console', 'bad'],
      ['ann', 'console', 'good'],
      ['nick', 'import', 'bad'],
    ]);
  });
});
