import type { JobEpoch, TrainingRunKind, TrainingRunSummary, TrainingRunView } from '@pomona/wire';
import type { NewTrainingRun, RunBegan, RunEnded, RunOutcome } from '../../use-cases/keep-runs.ts';
import type { StoredRun } from '../../use-cases/read-runs.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { TrainingRunRow } from './tables.ts';

const runsListMax = 200;

/** Trainings of every kind with all that is needed to do them again. An ended one never changes. */
export class SqlTrainingRunStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** The id. */
  async add(run: NewTrainingRun, nowMs: number): Promise<number> {
    const { id } = await this.#db
      .insertInto('training_runs')
      .values({
        ...{ name: run.name, kind: run.kind, state: 'running', job_id: run.job },
        ...{ started_at: nowMs, ended_at: null },
        ...{ dataset_name: run.dataset.name, dataset_digest: run.dataset.digest },
        ...{ code_revision: run.codeRevision, inputs: run.inputs, asked: JSON.stringify(run.asked) },
        ...{ begun: null, curve: '[]', outcome: null, digest: null, error: null },
        reproduces: run.reproduces ?? null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    return id;
  }

  async setBegan(id: number, began: RunBegan): Promise<void> {
    await this.#db
      .updateTable('training_runs')
      .set({ begun: JSON.stringify(began) })
      .where('id', '=', id)
      .execute();
  }

  async end(id: number, { state, curve, outcome, digest, error }: RunEnded, nowMs: number): Promise<void> {
    await this.#db
      .updateTable('training_runs')
      .set({
        ...{ state, ended_at: nowMs, curve: JSON.stringify(curve), digest, error },
        outcome: JSON.stringify(outcome),
      })
      .where('id', '=', id)
      .where('state', '=', 'running')
      .execute();
  }

  async find(id: number): Promise<StoredRun | undefined> {
    const row = await this.#rows().where('run.id', '=', id).executeTakeFirst();
    return row && viewOf(row);
  }

  /** The newest of a job. */
  async findOfJob(job: number): Promise<StoredRun | undefined> {
    const row = await this.#rows()
      .where('run.job_id', '=', job)
      .orderBy('run.id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && viewOf(row);
  }

  /** The newest run with these inputs that ended well. */
  async findDone(inputs: string): Promise<StoredRun | undefined> {
    const row = await this.#rows()
      .where('run.inputs', '=', inputs)
      .where('run.state', '=', 'done')
      .orderBy('run.id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && viewOf(row);
  }

  /** Newest first, at most 200 of them. */
  async list(kind?: TrainingRunKind): Promise<StoredRun[]> {
    let query = this.#rows().orderBy('run.id', 'desc').limit(runsListMax);
    if (kind !== undefined) query = query.where('run.kind', '=', kind);
    return (await query.execute()).map(viewOf);
  }

  #rows() {
    return this.#db
      .selectFrom('training_runs as run')
      .innerJoin('jobs', 'jobs.id', 'run.job_id')
      .selectAll('run')
      .select(['jobs.state as job_state', 'jobs.epochs as job_epochs', 'jobs.error as job_error']);
  }
}

interface RunRow extends Omit<TrainingRunRow, 'id'> {
  readonly id: number;
  readonly job_state: string;
  readonly job_epochs: string;
  readonly job_error: string | null;
}

function viewOf(row: RunRow): StoredRun {
  // A process that was killed could not say so; that its job is over says it.
  const wasKilled = row.state === 'running' && row.job_state !== 'running';
  const asked = JSON.parse(row.asked) as TrainingRunView['asked'] & { network: string; seed?: number };
  const began = row.begun === null ? undefined : (JSON.parse(row.begun) as RunBegan);
  const outcome = row.outcome === null ? undefined : (JSON.parse(row.outcome) as RunOutcome);
  // While it runs, and where it was killed, its curve is the job's.
  const isOpen = row.state === 'running' && row.kind === 'train';
  const curve = JSON.parse(isOpen ? row.job_epochs : row.curve) as JobEpoch[];
  const last = outcome?.evaluated.at(-1)?.evaluation;
  return {
    ...{ id: row.id, name: row.name, kind: row.kind as TrainingRunKind, job: row.job_id },
    state: wasKilled ? 'failed' : (row.state as TrainingRunSummary['state']),
    startedAt: new Date(Number(row.started_at)).toISOString(),
    endedAt: row.ended_at === null ? null : new Date(Number(row.ended_at)).toISOString(),
    dataset: { name: row.dataset_name, digest: row.dataset_digest },
    ...{ network: asked.network, seed: asked.seed ?? 0, codeRevision: row.code_revision },
    ...{ epochs: curve.length, accuracy: last?.accuracy ?? null, macroF1: last?.macroF1 ?? null },
    ...{ digest: row.digest, reproduces: row.reproduces },
    error: wasKilled ? (row.job_error ?? 'its process ended without a word') : row.error,
    ...{ asked, parameters: began?.parameters ?? null, environment: began?.environment ?? null, curve },
    ...{ evaluated: [...(outcome?.evaluated ?? [])], artifacts: [...(outcome?.artifacts ?? [])] },
  };
}
