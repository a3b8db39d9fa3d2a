import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { SqlJobStore } from '../adapters/sql/sql-job-store.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually } from '../testing/test-control-plane.ts';
import { JobQueue } from './job-queue.ts';
import { failDeadJobs, type JobRun, runNewJob } from './run-job.ts';

describe.each(databases)('on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let jobs: SqlJobStore;
  let clock: ManualClock;
  let queue: JobQueue;
  const none = new AbortController().signal;
  const job = { kind: 'train', actor: 'ada', request: { name: 'apples' } } as const;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-jobs-'));
    db = await openDatabase(folder, await database.options());
    jobs = new SqlJobStore(db);
    clock = new ManualClock();
    queue = queueOf('orchard');
  });
  afterEach(async () => {
    await queue.stop();
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  function queueOf(runner: string): JobQueue {
    return new JobQueue({ jobs, clock, logger: new RecordingLogger(), runner });
  }

  function sayEpoch(run: JobRun, epoch: number): void {
    const figures = { loss: 1, accuracy: 0.5, validationLoss: 2, validationAccuracy: 0.25 };
    run.onEvent({ type: 'epoch', epoch, epochs: 2, best: true, ...figures });
  }

  async function untilAborted({ signal }: JobRun): Promise<never> {
    signal.throwIfAborted();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  }

  describe('a job', () => {
    it('keeps its epochs, its result and how it ended', async () => {
      const value = await runNewJob({ jobs, clock }, job, none, async (run) => {
        sayEpoch(run, 1);
        sayEpoch(run, 2);
        await run.setResult({ version: 3 });
        return 7;
      });
      expect(value).toBe(7);
      const [stored] = await jobs.list();
      expect(stored).toMatchObject({
        state: 'done',
        actor: 'ada',
        request: job.request,
        result: { version: 3 },
      });
      expect(stored?.epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
      expect(stored?.endedAt).not.toBeNull();
    });

    it('is failed with its reason when the work throws, which whoever waits gets too', async () => {
      const broken = new AppError('single-class', 'one grade', { hint: 'Add more.' });
      const running = runNewJob({ jobs, clock }, job, none, () => Promise.reject(broken));
      await expect(running).rejects.toBe(broken);
      expect((await jobs.list())[0]).toMatchObject({
        state: 'failed',
        error: 'single-class: one grade. Add more.',
      });
    });

    it('goes no further than its next checkpoint once it was cancelled, however soon that is', async () => {
      const reached: string[] = [];
      const running = runNewJob({ jobs, clock }, job, none, async (run) => {
        await run.checkpoint();
        reached.push('trained');
        await jobs.askCancel(run.id, clock.nowMs());
        await run.checkpoint();
        reached.push('candidate');
      });
      await expect(running).rejects.toThrow('cancelled');
      expect(reached).toEqual(['trained']);
      expect((await jobs.list())[0]).toMatchObject({ state: 'cancelled' });
    });

    it('is cancelled when its program is interrupted', async () => {
      const interrupt = new AbortController();
      const running = runNewJob({ jobs, clock }, job, interrupt.signal, untilAborted);
      setTimeout(() => interrupt.abort(new DOMException('interrupted', 'AbortError')), 20);
      await expect(running).rejects.toThrow('interrupted');
      expect((await jobs.list())[0]).toMatchObject({ state: 'cancelled' });
    });

    it('that says nothing for a minute is failed, and no sooner', async () => {
      await jobs.add(job, 'running', clock.nowMs());
      clock.ms += 60_000;
      expect(await failDeadJobs({ jobs, clock })).toBe(0);
      clock.ms += 1;
      expect(await failDeadJobs({ jobs, clock })).toBe(1);
      expect((await jobs.list())[0]).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('ordered again'),
      });
    });

    it('whose last sign of life is of times to come, since the clock was set back, is failed too', async () => {
      await jobs.add(job, 'running', clock.nowMs());
      clock.ms -= 60_000;
      expect(await failDeadJobs({ jobs, clock })).toBe(0);
      clock.ms -= 1;
      expect(await failDeadJobs({ jobs, clock })).toBe(1);
    });
  });

  describe('the queue of jobs', () => {
    it('runs one at a time in the order they came, past one that fails', async () => {
      const order: unknown[] = [];
      let atOnce = 0;
      queue.handle('train', async (request) => {
        expect(++atOnce).toBe(1);
        await new Promise((resolve) => setTimeout(resolve, 5));
        order.push(request.name);
        atOnce--;
        if (request.name === 'a') throw new Error('no luck');
      });
      await queue.start();
      for (const name of ['a', 'b', 'c']) await queue.enqueue({ ...job, request: { name } });
      await eventually(async () => (await jobs.list()).every(({ endedAt }) => endedAt !== null));
      expect(order).toEqual(['a', 'b', 'c']);
      expect((await jobs.list()).map(({ state }) => state)).toEqual(['done', 'done', 'failed']);
    });

    it('cancels what waits at once and what runs within seconds, and refuses what has ended', async () => {
      queue.handle('train', (_request, run) => untilAborted(run));
      await queue.start();
      const first = await queue.enqueue(job);
      const second = await queue.enqueue(job);
      expect(await queue.cancel(second.id)).toMatchObject({ state: 'cancelled' });
      await eventually(async () => (await queue.find(first.id)).state === 'running');
      await queue.cancel(first.id);
      await eventually(async () => (await queue.find(first.id)).state === 'cancelled');
      await expect(queue.cancel(first.id)).rejects.toMatchObject({ code: 'job-ended' });
      await expect(queue.cancel(99)).rejects.toMatchObject({ code: 'job-unknown' });
    });

    it('does after a start what was queued before', async () => {
      const id = await jobs.add(job, 'queued', clock.nowMs());
      queue.handle('train', async () => undefined);
      await queue.start();
      await eventually(async () => (await queue.find(id)).state === 'done');
    });

    it('fails at its start what its control plane ran when it was killed, and nothing that another may still run', async () => {
      const [mine, other] = [await jobs.add(job, 'queued', 0), await jobs.add(job, 'queued', 0)];
      const atCommand = await jobs.add(job, 'running', clock.nowMs());
      await jobs.start(mine, 'orchard', clock.nowMs());
      await jobs.start(other, 'valley', clock.nowMs());
      clock.ms += 1;
      await queue.start();
      expect(await queue.find(mine)).toMatchObject({
        state: 'failed',
        error: expect.stringContaining('its process ended without a word'),
      });
      const heardAt = new Date(clock.ms - 1).toISOString();
      for (const id of [other, atCommand])
        expect(await queue.find(id)).toMatchObject({ state: 'running', heardAt });
    });

    it('does by itself, once it can, what it could not write down as begun', async () => {
      vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      try {
        const full = new AppError('database-full', 'full', { hint: 'Free some space.', retryable: true });
        const logger = new RecordingLogger();
        let isFull = true;
        const store = new (class extends SqlJobStore {
          override async start(id: number, runner: string, nowMs: number): Promise<boolean> {
            if (isFull) throw full;
            return super.start(id, runner, nowMs);
          }
        })(db);
        queue = new JobQueue({ jobs: store, clock, logger, runner: 'orchard' });
        queue.handle('train', async () => undefined);
        await queue.start();
        const { id } = await queue.enqueue(job);
        await eventually(() => logger.lines.length > 0);
        expect(await queue.find(id)).toMatchObject({ state: 'queued' });
        isFull = false;
        vi.advanceTimersByTime(30_000);
        await eventually(async () => (await queue.find(id)).state === 'done');
      } finally {
        vi.useRealTimers();
      }
    });
  });
});
