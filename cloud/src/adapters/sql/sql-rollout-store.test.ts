import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRolloutPlan, type ShadowMessage } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { beginRollout } from '../../domain/rollout.ts';
import { databases } from '../../testing/databases.ts';
import type { StationRecord } from '../../use-cases/ports.ts';
import { keepShadows } from './keep-shadows.ts';
import { openDatabase } from './open-database.ts';
import { SqlRolloutStore } from './sql-rollout-store.ts';
import { SqlStationStore } from './sql-station-store.ts';

const spec = { release: { name: 'apples', version: 2, digest: '2'.repeat(64) }, plan: defaultRolloutPlan };
const note = { kind: 'create', actor: 'ada', reason: 'better' };

describe.each(databases)('the rollouts of $name', (database) => {
  it('come back as they were, with the members that changed and every note', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-rollout-store-'));
    const db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    const store = new SqlRolloutStore(db);
    const createdAtMs = Date.parse('2026-01-01T00:00:00.000Z');
    const names = Array.from({ length: 450 }, (_, index) => `s${index}`);
    const state = beginRollout(spec, names, createdAtMs);
    const draft = { createdAtMs, actor: 'ada', reason: 'better', query: { line: ['*'] }, spec, state };
    const rollout = await store.create(draft, note);
    expect(await store.find(rollout.id)).toEqual({ ...draft, id: rollout.id });
    const members = state.members.map((member) =>
      member.station === 's7' ? { ...member, outcome: 'sent' as const, sentAtMs: createdAtMs } : member,
    );
    const after = { ...state, members, status: 'paused' as const, why: 'because' };
    await store.save(rollout.id, state, after, [{ ...note, kind: 'pause' }], createdAtMs + 5);
    expect(await store.listActive()).toEqual([{ ...rollout, state: after }]);
    await store.save(rollout.id, after, { ...after, status: 'cancelled' }, [], createdAtMs + 6);
    expect(await store.listActive()).toEqual([]);
    expect((await store.list()).map(({ id, state: { status } }) => [id, status])).toEqual([
      [rollout.id, 'cancelled'],
    ]);
    expect(await store.notes(rollout.id)).toEqual([
      { ...note, atMs: createdAtMs },
      { ...note, kind: 'pause', atMs: createdAtMs + 5 },
    ]);
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  it('know what each station counted of its shadow: the newest of each boot, and of members alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pomona-rollout-store-'));
    const db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 500 });
    const store = new SqlRolloutStore(db);
    const stations = new SqlStationStore(db);
    const [left, right] = await Promise.all(
      ['left', 'right'].map((station) => stations.ensure({ site: 'farm', line: 'one', station }, 0)),
    );
    const state = beginRollout(spec, ['left'], 0);
    const draft = { createdAtMs: 0, actor: 'ada', reason: 'better', query: {}, spec, state };
    const { id } = await store.create(draft, note);
    const message = (seq: number, good: number, change: Partial<ShadowMessage> = {}): ShadowMessage => ({
      ...{ v: 1, boot: '00000000000000aa', seq, at: '2026-01-01T00:00:00.000Z', rollout: id },
      ...{ champion: spec.release, candidate: spec.release, since: '2026-01-01T00:00:00.000Z' },
      ...{ fruits: good, skipped: 1, views: 7 * good, msPerView: { champion: 1, candidate: seq } },
      pairs: [{ champion: 'good', candidate: 'good', count: good }],
      ...change,
    });
    const keep = (station: StationRecord, ...messages: ShadowMessage[]) =>
      keepShadows(db, {
        receivedAtMs: 5,
        shadows: messages.map((each) => ({ station, message: each })),
      });
    await keep(left!, message(3, 10), message(9, 30));
    await keep(left!, message(7, 20));
    await keep(left!, message(1, 5, { boot: '00000000000000bb' }));
    await keep(left!, message(1, 5, { rollout: id + 1 }));
    await keep(right!, message(3, 10));
    expect(await store.shadowFigures(id)).toEqual(
      new Map([
        [
          'left',
          {
            ...{ fruits: 35, skipped: 2, views: 245, msPerView: { champion: 1, candidate: 9 } },
            pairs: [{ champion: 'good', candidate: 'good', count: 35 }],
          },
        ],
      ]),
    );
    await db.destroy();
    rmSync(folder, { recursive: true });
  });
});
