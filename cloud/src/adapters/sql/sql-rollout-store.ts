import type { Selectable } from '@pomona/kysely';
import type { ModelLogEntry, RolloutStatus, ShadowFigures } from '@pomona/wire';
import type { Member, RolloutState } from '../../domain/rollout-state.ts';
import type { RolloutNote } from '../../domain/rollout-step.ts';
import { addFigures } from '../../domain/shadow-figures.ts';
import type { RecordedNote, Rollout, RolloutDraft } from '../../use-cases/rollouts.ts';
import type { PomonaDatabase } from './open-database.ts';
import { addToModelLog } from './sql-model-registry.ts';
import type { RolloutRow } from './tables.ts';

const rowsPerInsert = 200;
const listedMax = 100;

/** Rollouts with the stations that each has chosen, and what was done to it and why, to which nothing is ever changed. */
export class SqlRolloutStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async create(
    draft: RolloutDraft,
    note: RolloutNote,
    logged?: (id: number) => ModelLogEntry,
  ): Promise<Rollout> {
    return this.#db.transaction().execute(async (trx) => {
      const { id } = await trx
        .insertInto('rollouts')
        .values({
          created_at: draft.createdAtMs,
          actor: draft.actor,
          reason: draft.reason,
          release: JSON.stringify(draft.spec.release),
          query: JSON.stringify(draft.query),
          plan: JSON.stringify(draft.spec.plan),
          status: draft.state.status,
          state: stateText(draft.state),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      const rows = draft.state.members.map((member, position) => ({
        rollout_id: id,
        position,
        station: member.station,
        body: JSON.stringify(member),
      }));
      for (let at = 0; at < rows.length; at += rowsPerInsert)
        await trx
          .insertInto('rollout_stations')
          .values(rows.slice(at, at + rowsPerInsert))
          .execute();
      await addNotes(trx, id, [note], draft.createdAtMs);
      if (logged) await addToModelLog(trx, logged(id));
      return { ...draft, id };
    });
  }

  /** Writes the members that are not the same objects as in `before`. */
  async save(
    id: number,
    before: RolloutState,
    after: RolloutState,
    notes: readonly RolloutNote[],
    nowMs: number,
  ): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .updateTable('rollouts')
        .set({ status: after.status, state: stateText(after) })
        .where('id', '=', id)
        .execute();
      for (const [position, member] of after.members.entries()) {
        if (member === before.members[position]) continue;
        await trx
          .updateTable('rollout_stations')
          .set({ body: JSON.stringify(member) })
          .where('rollout_id', '=', id)
          .where('position', '=', position)
          .execute();
      }
      await addNotes(trx, id, notes, nowMs);
    });
  }

  /** What each station has counted of its shadow, all its boots together. */
  async shadowFigures(id: number): Promise<Map<string, ShadowFigures>> {
    const rows = await this.#db
      .selectFrom('rollout_shadows')
      .innerJoin('stations', 'stations.id', 'rollout_shadows.station_id')
      .select(['stations.name', 'rollout_shadows.body'])
      .where('rollout_id', '=', id)
      .execute();
    const figures = new Map<string, ShadowFigures>();
    for (const { name, body } of rows) {
      const known = figures.get(name);
      figures.set(name, addFigures([...(known ? [known] : []), JSON.parse(body) as ShadowFigures])!);
    }
    return figures;
  }

  /** Newest first. */
  async list(): Promise<Rollout[]> {
    const rows = await this.#db
      .selectFrom('rollouts')
      .selectAll()
      .orderBy('id', 'desc')
      .limit(listedMax)
      .execute();
    return this.#withMembers(rows);
  }

  async listActive(): Promise<Rollout[]> {
    const rows = await this.#db
      .selectFrom('rollouts')
      .selectAll()
      .where('status', 'in', ['running', 'paused', 'rolling-back'])
      .orderBy('id')
      .execute();
    return this.#withMembers(rows);
  }

  /** Of all rollouts there ever were; a status that none has is left out. */
  async countByStatus(): Promise<{ status: RolloutStatus; count: number }[]> {
    const rows = await this.#db
      .selectFrom('rollouts')
      .select(({ fn }) => ['status', fn.countAll<number>().as('count')])
      .groupBy('status')
      .execute();
    return rows.map(({ status, count }) => ({ status: status as RolloutStatus, count }));
  }

  async find(id: number): Promise<Rollout | undefined> {
    const rows = await this.#db.selectFrom('rollouts').selectAll().where('id', '=', id).execute();
    const [rollout] = await this.#withMembers(rows);
    return rollout;
  }

  /** Oldest first. */
  async notes(id: number): Promise<RecordedNote[]> {
    const rows = await this.#db
      .selectFrom('rollout_events')
      .select(['at', 'kind', 'actor', 'reason'])
      .where('rollout_id', '=', id)
      .orderBy('id')
      .execute();
    return rows.map(({ at, ...note }) => ({ ...note, atMs: Number(at) }));
  }

  async #withMembers(rows: readonly Selectable<RolloutRow>[]): Promise<Rollout[]> {
    if (rows.length === 0) return [];
    const stations = await this.#db
      .selectFrom('rollout_stations')
      .select(['rollout_id', 'body'])
      .where(
        'rollout_id',
        'in',
        rows.map(({ id }) => id),
      )
      .orderBy('rollout_id')
      .orderBy('position')
      .execute();
    const members = new Map<number, Member[]>(rows.map(({ id }) => [id, []]));
    for (const { rollout_id, body } of stations) members.get(rollout_id)?.push(JSON.parse(body) as Member);
    return rows.map((row) => rolloutOf(row, members.get(row.id) ?? []));
  }
}

async function addNotes(
  trx: PomonaDatabase,
  id: number,
  notes: readonly RolloutNote[],
  nowMs: number,
): Promise<void> {
  for (const note of notes)
    await trx
      .insertInto('rollout_events')
      .values({ rollout_id: id, at: nowMs, ...note })
      .execute();
}

function stateText({ members: _, ...state }: RolloutState): string {
  return JSON.stringify(state);
}

function rolloutOf(row: Selectable<RolloutRow>, members: readonly Member[]): Rollout {
  return {
    id: row.id,
    createdAtMs: Number(row.created_at),
    actor: row.actor,
    reason: row.reason,
    query: JSON.parse(row.query) as Rollout['query'],
    spec: {
      release: JSON.parse(row.release) as Rollout['spec']['release'],
      plan: JSON.parse(row.plan) as Rollout['spec']['plan'],
    },
    state: { ...(JSON.parse(row.state) as Omit<RolloutState, 'members'>), members },
  };
}
