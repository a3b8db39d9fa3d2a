import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, type JobState, type RetrainRequest } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores, type Stores } from '../adapters/sql/open-stores.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { Alerts } from './alerts.ts';
import { type RetrainProposalPorts, RetrainProposals } from './retrain-proposals.ts';

const labelsMin = 3;

describe.each(databases)('proposals to retrain, on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let stores: Stores;
  let alerts: Alerts;
  let proposals: RetrainProposals;
  const clock = new ManualClock();
  let asked: { request: RetrainRequest; actor: string }[];
  let samples: number;
  let stationsAsked: (string | null)[][];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-proposals-'));
    db = await openDatabase(folder, await database.options());
    stores = openStores(db);
    const station = { name: 'left', site: 'farm', line: 'one', created_at: 0 };
    await db
      .insertInto('stations')
      .values(station as never)
      .execute();
    await db.insertInto('boots').values({ station_id: 1, boot: '00000000000000aa' }).execute();
    const { targets } = await stores.project.read();
    await stores.project.write({ ...targets, minRetrainLabels: labelsMin }, 'ada', clock.nowMs());
    alerts = new Alerts({ store: stores.alerts, clock, logger: new RecordingLogger() });
    asked = [];
    samples = 0;
    stationsAsked = [];
    proposals = open();
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  function open(enqueue: RetrainProposalPorts['enqueue'] = begin): RetrainProposals {
    return new RetrainProposals({
      ...{ store: stores.proposals, jobs: stores.jobs, samples: stores.samples, project: stores.project },
      ...{ alerts, clock, enqueue, modelsOf },
    });
  }

  async function modelsOf(stations: ReadonlySet<string | null>) {
    stationsAsked.push([...stations]);
    return new Map([...stations].map((station) => [station, 'apples']));
  }

  function begin(request: RetrainRequest, actor: string) {
    asked.push({ request, actor });
    return retrainAs(actor, request.model);
  }

  async function retrainAs(actor: string, name = 'apples') {
    const job = { kind: 'retrain', actor, request: { dataset: { name: 'drawn' }, name } } as const;
    const id = await stores.jobs.add(job, 'running', clock.nowMs());
    return (await stores.jobs.find(id))!;
  }

  async function later(): Promise<void> {
    clock.ms += 1_000;
    await proposals.look();
  }

  async function label(count: number, model = 'apples'): Promise<void> {
    for (let i = 0; i < count; i++) {
      const { id } = await db
        .insertInto('samples')
        .values({
          ...{
            station_id: 1,
            boot_id: 1,
            seq: samples,
            at: 0,
            received_at: 0,
            labels: '[]',
            size: 8,
            views: 1,
          },
          ...{ release_name: model, release_version: 1, release_digest: '', reason: 'uncertain', lane: 0 },
          ...{ fruit_seq: samples++, grade: 'ok', probabilities: '[]', uncertainty: 0.5, pixels: '' },
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      await stores.samples.say(id, () => ({
        ...{ kind: 'label', source: 'console', actor: 'ada', label: 'good', atMs: clock.nowMs() },
      }));
    }
  }

  function drift(station: string, model?: string): Promise<void> {
    const texts = { title: 'Unsure', detail: 'Label some.' };
    const evidence = model === undefined ? {} : { model };
    return alerts.raiseAlert({ kind: 'drift-model', severity: 'warning', station, ...texts, evidence });
  }

  async function state(): Promise<string[]> {
    return (await proposals.list()).map((each) => each.state);
  }

  async function isRaised(): Promise<boolean> {
    return (await alerts.list()).some(
      ({ kind, closedAt }) => kind === 'retrain-proposed' && closedAt === null,
    );
  }

  it('come once the labels are there, whichever was first, and once only', async () => {
    await drift('left');
    await label(labelsMin - 1);
    await later();
    expect(await proposals.list()).toEqual([]);
    await label(1);
    await later();
    await later();
    expect(await proposals.list()).toMatchObject([
      {
        ...{
          id: 1,
          alert: 1,
          model: 'apples',
          state: 'proposed',
          actor: null,
          job: null,
          decidedAt: null,
        },
        why: 'Unsure on left (alert 1), and 3 fruits of apples were labelled since its last retraining',
      },
    ]);
    expect(await isRaised()).toBe(true);
    expect(asked).toEqual([]);
  });

  it('ask once in a look what a station runs, however many of its alerts do not say', async () => {
    for (let at = 0; at < 3; at++) {
      await drift('left');
      await alerts.closeAlert('drift-model', 'left');
    }
    await drift('left');
    await drift('right');
    await drift('third', 'pears');
    const texts = { title: 'Silent', detail: 'Look.', evidence: {} };
    await alerts.raiseAlert({ kind: 'station-offline', severity: 'warning', station: 'fourth', ...texts });
    expect((await alerts.list('drift-model')).map(({ station }) => station)).toEqual([
      ...['third', 'right', 'left'],
      ...['left', 'left', 'left'],
    ]);
    expect(await alerts.list()).toHaveLength(7);
    await later();
    expect(stationsAsked).toEqual([['right', 'left']]);
  });

  it('come of labels that are older than the alert, and not of labels alone', async () => {
    await label(labelsMin);
    await later();
    expect(await state()).toEqual([]);
    await drift('left');
    await later();
    expect(await state()).toEqual(['proposed']);
  });

  it('are done when the retraining that was approved is, and its labels count no more', async () => {
    await label(labelsMin);
    await drift('left');
    await later();
    clock.ms += 1_000;
    const { decidedAt, ...approved } = await proposals.approve(1, 'ben');
    expect(approved).toMatchObject({ state: 'approved', actor: 'ben', job: 1 });
    expect(asked).toEqual([{ request: { model: 'apples', rollout: {} }, actor: 'ben' }]);
    expect(await isRaised()).toBe(false);
    await expect(proposals.approve(1, 'ann')).rejects.toMatchObject({ code: 'proposal-decided' });
    await later();
    expect(await state()).toEqual(['approved']);
    await drift('meanwhile');
    await stores.jobs.end(1, 'done', null, clock.nowMs());
    await later();
    expect((await proposals.list())[0]?.decidedAt).toBe(decidedAt);
    expect(await state()).toEqual(['done']);
    clock.ms += 1_000;
    await drift('right');
    await later();
    expect(await state()).toEqual(['done']);
    await label(labelsMin);
    await later();
    expect(await state()).toEqual(['proposed', 'done']);
  });

  it.each<[JobState & ('failed' | 'cancelled'), string]>([
    ['failed', 'job 1 failed: no room on the disk'],
    ['cancelled', 'job 1 was cancelled: no room on the disk'],
  ])('come back when the job %s, and say why', async (end, reason) => {
    await label(labelsMin);
    await drift('left');
    await later();
    await proposals.approve(1, 'ben');
    await stores.jobs.end(1, end, 'no room on the disk', clock.nowMs());
    await later();
    expect(await proposals.list()).toMatchObject([
      { state: 'proposed', reason, actor: null, decidedAt: null },
    ]);
    expect((await alerts.list())[0]).toMatchObject({
      kind: 'retrain-proposed',
      detail: expect.stringContaining(reason),
    });
    expect(await proposals.approve(1, 'ann')).toMatchObject({ state: 'approved', job: 2, reason: null });
  });

  it('are declined with a reason, for all alerts until then', async () => {
    await label(labelsMin);
    await drift('left');
    await drift('right');
    await later();
    expect(await proposals.decline(1, 'ben', 'the lot is over')).toMatchObject({
      ...{ state: 'declined', actor: 'ben', reason: 'the lot is over' },
    });
    expect(await isRaised()).toBe(false);
    await later();
    expect(await state()).toEqual(['declined']);
    await expect(proposals.decline(1, 'ben', 'again')).rejects.toMatchObject({ code: 'proposal-decided' });
    await expect(proposals.decline(9, 'ben', 'why')).rejects.toMatchObject({ code: 'proposal-unknown' });
    await drift('third');
    await later();
    expect(await proposals.list()).toMatchObject([{ alert: 4, state: 'proposed' }, { state: 'declined' }]);
  });

  it('are approved by whoever retrains without being asked', async () => {
    await label(labelsMin);
    await drift('left');
    await later();
    clock.ms += 1_000;
    await retrainAs('eva');
    await later();
    expect(await proposals.list()).toMatchObject([{ state: 'approved', actor: 'eva', job: 1 }]);
    expect(await isRaised()).toBe(false);
  });

  it('are of one model each: what is under way for one or was declined keeps no other waiting', async () => {
    await label(labelsMin);
    await label(labelsMin - 1, 'pears');
    await drift('left', 'apples');
    await drift('right', 'pears');
    await later();
    expect((await proposals.list()).map(({ model }) => model)).toEqual(['apples']);
    await proposals.approve(1, 'ben');
    await label(1, 'pears');
    await later();
    expect(await proposals.list()).toMatchObject([
      { model: 'pears', state: 'proposed', alert: 2, job: null },
      { model: 'apples', state: 'approved', job: 1 },
    ]);
    expect(await isRaised()).toBe(true);
    await stores.jobs.end(1, 'done', null, clock.nowMs());
    await proposals.decline(2, 'ben', 'the lot is over');
    await later();
    expect(await state()).toEqual(['declined', 'done']);
    // That pears were declined and apples retrained answers no alert of the other.
    await drift('third', 'pears');
    await label(labelsMin);
    await later();
    await drift('fourth', 'apples');
    await later();
    expect(await proposals.list()).toMatchObject([
      { model: 'apples', state: 'proposed' },
      { model: 'pears', state: 'proposed' },
      { state: 'declined' },
      { state: 'done' },
    ]);
    await proposals.approve(3, 'ann');
    await later();
    expect(asked.map(({ request }) => request.model)).toEqual(['apples', 'pears']);
    // The other is still to be decided, and an alert says so.
    expect((await alerts.list())[0]).toMatchObject({ kind: 'retrain-proposed', evidence: { proposal: 4 } });
  });

  it('are named by an alert while they are to be decided, and no longer', async () => {
    await label(labelsMin);
    await label(labelsMin, 'pears');
    await drift('left', 'apples');
    await drift('right', 'pears');
    await later();
    clock.ms += 1_000;
    await retrainAs('eva', 'apples');
    await later();
    expect(await state()).toEqual(['proposed', 'approved']);
    const raised = (await alerts.list()).filter(({ kind }) => kind === 'retrain-proposed');
    expect(raised).toMatchObject([
      { evidence: { proposal: 2 }, closedAt: null },
      { evidence: { proposal: 1 }, closedAt: expect.any(String) },
    ]);
    await later();
    expect((await alerts.list()).filter(({ kind }) => kind === 'retrain-proposed')).toEqual(raised);
  });

  it('are as they were after a restart, and two who approve at once get one retraining', async () => {
    await label(labelsMin);
    await drift('left');
    await later();
    proposals = open();
    await later();
    expect(await state()).toEqual(['proposed']);
    const both = await Promise.allSettled([proposals.approve(1, 'ben'), proposals.approve(1, 'ann')]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(asked).toHaveLength(1);
  });

  it('are approved by the rule where the project says so, once, and are a person’s when that failed', async () => {
    const { targets } = await stores.project.read();
    expect(targets.autoApproveRetraining).toBe(false);
    await stores.project.write({ ...targets, autoApproveRetraining: true }, 'ada', clock.nowMs());
    await label(labelsMin);
    await drift('left');
    await later();
    await later();
    expect(asked).toEqual([{ request: { model: 'apples', rollout: {} }, actor: 'rule' }]);
    expect(await proposals.list()).toMatchObject([{ state: 'approved', actor: 'rule', job: 1 }]);
    expect(await isRaised()).toBe(false);
    await stores.jobs.end(1, 'failed', 'no room on the disk', clock.nowMs());
    await later();
    await later();
    expect(asked).toHaveLength(1);
    expect(await proposals.list()).toMatchObject([{ state: 'proposed', actor: null }]);
    expect(await isRaised()).toBe(true);
  });

  it('say why the rule could not begin them, and wait for a person', async () => {
    const { targets } = await stores.project.read();
    await stores.project.write({ ...targets, autoApproveRetraining: true }, 'ada', clock.nowMs());
    proposals = open(() => Promise.reject(new AppError('dataset-unknown', 'no base', { hint: 'Make one.' })));
    await label(labelsMin);
    await drift('left');
    await later();
    await later();
    const reason = 'it could not begin by itself: no base';
    expect(await proposals.list()).toMatchObject([{ state: 'proposed', actor: null, job: null, reason }]);
    expect(await isRaised()).toBe(true);
  });

  it('stay proposed when the retraining cannot begin', async () => {
    await label(labelsMin);
    await drift('left');
    await later();
    const broken = open(() => Promise.reject(new Error('no base')));
    await expect(broken.approve(1, 'ben')).rejects.toThrow('no base');
    expect(await state()).toEqual(['proposed']);
  });
});
