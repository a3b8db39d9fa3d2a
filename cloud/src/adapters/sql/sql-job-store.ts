import type { JobEpoch, JobKind, JobState, JobView } from '@pomona/wire';
import type { NewJob } from '../../use-cases/run-job.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { JobRow } from './tables.ts';

const listMax = 200;

const endedSilently =
  'its process ended without a word; a training that is ordered again as it was goes on from its last whole epoch';

/** Trainings: queued → running → done | failed | cancelled. An ended one never changes again. */
export class SqlJobStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** The id. `running` starts at once, in the process that calls. */
  async add(job: NewJob, state: 'queued' | 'running', nowMs: number): Promise<number> {
    const started = state === 'running' ? nowMs : null;
    const { id } = await this.#db
      .insertInto('jobs')
      .values({
        kind: job.kind,
        state,
        created_at: nowMs,
        started_at: started,
        ended_at: null,
        heartbeat_at: started,
        runner: null,
        cancel_asked: 0,
        actor: job.actor,
        request: JSON.stringify(job.request),
        epochs: '[]',
        result: null,
        error: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  /** False when it is not queued any more. `runner` is the control plane that runs it. */
  async start(id: number, runner: string, nowMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('jobs')
      .set({ state: 'running', started_at: nowMs, heartbeat_at: nowMs, runner })
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** Says that the job's process lives. True when someone asked to cancel it. */
  async beat(id: number, nowMs: number): Promise<boolean> {
    await this.#db.updateTable('jobs').set({ heartbeat_at: nowMs }).where('id', '=', id).execute();
    const row = await this.#db
      .selectFrom('jobs')
      .select('cancel_asked')
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.cancel_asked === 1;
  }

  async setEpochs(id: number, epochs: readonly JobEpoch[]): Promise<void> {
    await this.#db
      .updateTable('jobs')
      .set({ epochs: JSON.stringify(epochs) })
      .where('id', '=', id)
      .execute();
  }

  async setResult(id: number, result: unknown): Promise<void> {
    await this.#db
      .updateTable('jobs')
      .set({ result: JSON.stringify(result) })
      .where('id', '=', id)
      .execute();
  }

  async end(
    id: number,
    state: 'done' | 'failed' | 'cancelled',
    error: string | null,
    nowMs: number,
  ): Promise<void> {
    await this.#db
      .updateTable('jobs')
      .set({ state, error, ended_at: nowMs })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute();
  }

  /** A queued job is cancelled at once; a running one when its process next looks. */
  async askCancel(id: number, nowMs: number): Promise<void> {
    await this.#db
      .updateTable('jobs')
      .set({ state: 'cancelled', ended_at: nowMs })
      .where('id', '=', id)
      .where('state', '=', 'queued')
      .execute();
    await this.#db
      .updateTable('jobs')
      .set({ cancel_asked: 1 })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute();
  }

  /** Ends as failed what claims to run and was not heard of for `silentMs`. Returns how many. */
  async failSilent(silentMs: number, nowMs: number): Promise<number> {
    const { numUpdatedRows } = await this.#db
      .updateTable('jobs')
      .set({ state: 'failed', error: endedSilently, ended_at: nowMs })
      .where('state', '=', 'running')
      // A sign of life from times to come was given before somebody set the clock back.
      .where(({ eb, or }) =>
        or([eb('heartbeat_at', '<', nowMs - silentMs), eb('heartbeat_at', '>', nowMs + silentMs)]),
      )
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  /** Ends as failed what claims to run in that control plane. Returns how many. */
  async failRunOf(runner: string, nowMs: number): Promise<number> {
    const { numUpdatedRows } = await this.#db
      .updateTable('jobs')
      .set({ state: 'failed', error: endedSilently, ended_at: nowMs })
      .where('state', '=', 'running')
      .where('runner', '=', runner)
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }

  async find(id: number): Promise<JobView | undefined> {
    const row = await this.#db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
    return row && viewOf(row);
  }

  /** The newest 200, newest first. */
  async list(): Promise<JobView[]> {
    const rows = await this.#db.selectFrom('jobs').selectAll().orderBy('id', 'desc').limit(listMax).execute();
    return rows.map(viewOf);
  }

  /** Of those of the model that have used what was labelled, or will: not of failed and cancelled ones. */
  async newestRetraining(model: string): Promise<JobView | undefined> {
    const rows = await this.#db
      .selectFrom('jobs')
      .select(['id', 'request'])
      .where('kind', '=', 'retrain')
      .where('state', 'in', ['queued', 'running', 'done'])
      .orderBy('id', 'desc')
      .limit(listMax)
      .execute();
    const newest = rows.find(({ request }) => (JSON.parse(request) as { name?: string }).name === model);
    return newest && this.find(newest.id);
  }

  async nextQueued(): Promise<JobView | undefined> {
    const row = await this.#db
      .selectFrom('jobs')
      .selectAll()
      .where('state', '=', 'queued')
      .orderBy('id')
      .limit(1)
      .executeTakeFirst();
    return row && viewOf(row);
  }
}

function viewOf(row: Omit<JobRow, 'id'> & { readonly id: number }): JobView {
  const instant = (ms: number | null) => (ms === null ? null : new Date(Number(ms)).toISOString());
  return {
    id: row.id,
    kind: row.kind as JobKind,
    state: row.state as JobState,
    createdAt: new Date(Number(row.created_at)).toISOString(),
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    heardAt: instant(row.heartbeat_at),
    actor: row.actor,
    request: JSON.parse(row.request) as JobView['request'],
    epochs: JSON.parse(row.epochs) as JobEpoch[],
    result: row.result === null ? null : (JSON.parse(row.result) as unknown),
    error: row.error,
  };
}
