import type { Selectable } from '@pomona/kysely';
import { assertNever, type RetrainProposal } from '@pomona/wire';
import type { NewProposal, ProposalChange } from '../../use-cases/retrain-proposals.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { RetrainProposalRow } from './tables.ts';

const listedMax = 100;

/** Retrainings that were proposed, and what was decided of each; none is ever deleted. */
export class SqlRetrainProposalStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async add(proposal: NewProposal, nowMs: number): Promise<RetrainProposal> {
    const row = await this.#db
      .insertInto('retrain_proposals')
      .values({ ...proposal, at: nowMs, state: 'proposed' })
      .returningAll()
      .executeTakeFirstOrThrow();
    return viewOf(row);
  }

  async change(id: number, change: ProposalChange, nowMs: number): Promise<RetrainProposal> {
    const row = await this.#db
      .updateTable('retrain_proposals')
      .set({ ...change, ...decidedAt(change.state, nowMs) })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    return viewOf(row);
  }

  async find(id: number): Promise<RetrainProposal | undefined> {
    const row = await this.#db
      .selectFrom('retrain_proposals')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst();
    return row && viewOf(row);
  }

  async newestOf(model: string): Promise<RetrainProposal | undefined> {
    const row = await this.#db
      .selectFrom('retrain_proposals')
      .selectAll()
      .where('model', '=', model)
      .orderBy('id', 'desc')
      .limit(1)
      .executeTakeFirst();
    return row && viewOf(row);
  }

  /** Models of which one is proposed or approved. */
  async openModels(): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('retrain_proposals')
      .select('model')
      .distinct()
      .where('state', 'in', ['proposed', 'approved'])
      .execute();
    return rows.map(({ model }) => model);
  }

  /** The newest 100, newest first. */
  async list(): Promise<RetrainProposal[]> {
    const rows = await this.#db
      .selectFrom('retrain_proposals')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(listedMax)
      .execute();
    return rows.map(viewOf);
  }
}

function decidedAt(state: RetrainProposal['state'], nowMs: number): { decided_at?: number | null } {
  switch (state) {
    case 'approved':
    case 'declined':
      return { decided_at: nowMs };
    case 'proposed':
      return { decided_at: null };
    case 'done':
      return {};
    default:
      return assertNever(state);
  }
}

function viewOf(row: Selectable<RetrainProposalRow>): RetrainProposal {
  return {
    id: row.id,
    at: instant(row.at),
    why: row.why,
    alert: row.alert,
    model: row.model,
    state: row.state as RetrainProposal['state'],
    decidedAt: row.decided_at === null ? null : instant(row.decided_at),
    actor: row.actor,
    reason: row.reason,
    job: row.job,
  };
}

/** PostgreSQL gives a bigint as text. */
function instant(ms: number | string): string {
  return new Date(Number(ms)).toISOString();
}
