import { AppError, assertNever, type Clock, type JobKind, type JobView } from '@pomona/wire';
import type { Logger } from './ports.ts';
import { failDeadJobs, type JobRun, type JobStore, type NewJob, runStartedJob } from './run-job.ts';

/** `request` is as it was queued. */
export type JobWork = (request: JobView['request'], run: JobRun) => Promise<unknown>;

export interface QueueStore extends JobStore {
  nextQueued(): Promise<JobView | undefined>;
  start(id: number, runner: string, nowMs: number): Promise<boolean>;
  failRunOf(runner: string, nowMs: number): Promise<number>;
  find(id: number): Promise<JobView | undefined>;
  list(): Promise<JobView[]>;
  askCancel(id: number, nowMs: number): Promise<void>;
}

interface QueuePorts {
  readonly jobs: QueueStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The same in every life of this control plane, and of no other that may live now. */
  readonly runner: string;
}

const checkMs = 30_000;

/**
 * Runs queued jobs one after the other: a training wants all cores. What is queued when it stops waits for the next
 * start; what runs then is cancelled.
 */
export class JobQueue {
  readonly #ports: QueuePorts;
  readonly #works = new Map<JobKind, JobWork>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ports: QueuePorts) {
    this.#ports = ports;
  }

  /** Says how jobs of a kind are done. Before `start`. */
  handle(kind: JobKind, work: JobWork): void {
    this.#works.set(kind, work);
  }

  async start(): Promise<void> {
    const { jobs, runner, clock } = this.#ports;
    // What this control plane ran in an earlier life died with it: there is one of it at a time.
    await jobs.failRunOf(runner, clock.nowMs());
    await failDeadJobs(this.#ports);
    this.#timer = setInterval(() => {
      failDeadJobs(this.#ports).catch((error: unknown) =>
        this.#ports.logger.warn({ err: error }, 'could not look for dead jobs'),
      );
      // The queue stops where it cannot write that a job begins, as with a full disk.
      this.#wake();
    }, checkMs);
    this.#wake();
  }

  async enqueue(job: NewJob): Promise<JobView> {
    const id = await this.#ports.jobs.add(job, 'queued', this.#ports.clock.nowMs());
    const view = await this.find(id);
    this.#wake();
    return view;
  }

  list(): Promise<JobView[]> {
    return this.#ports.jobs.list();
  }

  /** Error: `job-unknown`. */
  async find(id: number): Promise<JobView> {
    const job = await this.#ports.jobs.find(id);
    if (job) return job;
    throw new AppError('job-unknown', `there is no job ${id}`, { hint: 'See the list: GET /v1/jobs.' });
  }

  /** A running job ends within seconds, in whichever process it runs. Errors: `job-unknown`, `job-ended`. */
  async cancel(id: number): Promise<JobView> {
    const job = await this.find(id);
    switch (job.state) {
      case 'queued':
      case 'running':
        await this.#ports.jobs.askCancel(id, this.#ports.clock.nowMs());
        return this.find(id);
      case 'done':
      case 'failed':
      case 'cancelled':
        throw new AppError('job-ended', `job ${id} is ${job.state} already`, {
          hint: 'Nothing is left to do.',
        });
      default:
        return assertNever(job.state);
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort(new DOMException('the control plane stopped', 'AbortError'));
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#runAll()
      .catch((error: unknown) => this.#ports.logger.error({ err: error }, 'the queue of jobs stopped'))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #runAll(): Promise<void> {
    const { jobs, clock, runner } = this.#ports;
    while (!this.#stopping.signal.aborted) {
      const job = await jobs.nextQueued();
      if (!job) return;
      if (await jobs.start(job.id, runner, clock.nowMs())) await this.#run(job);
    }
  }

  async #run(job: JobView): Promise<void> {
    try {
      await runStartedJob(this.#ports, job, this.#stopping.signal, (run) => {
        const work = this.#works.get(job.kind);
        if (!work) throw new Error(`nothing here does jobs of the kind ${job.kind}`);
        return work(job.request, run);
      });
    } catch (error) {
      this.#ports.logger.warn({ err: error, job: job.id, kind: job.kind }, 'a job did not end well');
    }
  }
}
