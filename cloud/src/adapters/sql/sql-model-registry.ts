import { AppError, type ModelAlias, type ModelLogEntry, type ModelView } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';

const logMax = 500;

/** An alias that comes to point at a version. */
export interface AliasChange {
  readonly name: string;
  readonly alias: string;
  readonly version: number;
  readonly actor: string;
  readonly reason: string;
  readonly detail: string;
  readonly atMs: number;
}

/** Model versions by name and number. A version never changes: saving its number a second time throws. */
export class SqlModelRegistry {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** With `entry` the log says where it came from: both or neither. */
  async save(view: ModelView, entry?: Omit<ModelLogEntry, 'name'>): Promise<void> {
    const { name, version, digest, createdAt: created_at } = view;
    await this.#db.transaction().execute(async (trx) => {
      const body = JSON.stringify(view);
      await trx.insertInto('model_versions').values({ name, version, digest, created_at, body }).execute();
      if (!entry) return;
      const { actor, action, reason, detail } = entry;
      const at = Date.parse(entry.at);
      await trx.insertInto('model_log').values({ at, name, actor, action, reason, detail }).execute();
    });
  }

  /** By name, newest version first. */
  async list(): Promise<ModelView[]> {
    const rows = await this.#db
      .selectFrom('model_versions')
      .select('body')
      .orderBy('name')
      .orderBy('version', 'desc')
      .execute();
    return rows.map(viewOf);
  }

  /** That version, or the newest of that name. */
  async find(name: string, version?: number): Promise<ModelView | undefined> {
    let query = this.#db.selectFrom('model_versions').select('body').where('name', '=', name);
    if (version !== undefined) query = query.where('version', '=', version);
    const row = await query.orderBy('version', 'desc').executeTakeFirst();
    return row && viewOf(row);
  }

  /** `NAME` for the newest version, `NAME@3`, or `NAME@champion`. Error: `model-unknown`. */
  async resolve(reference: string): Promise<ModelView> {
    const [name = '', pointer] = reference.split('@');
    const version = pointer === undefined ? undefined : await this.#versionOf(name, pointer);
    const model = version === null ? undefined : await this.find(name, version);
    if (model) return model;
    throw new AppError('model-unknown', `there is no model ${reference}`, {
      hint: 'See what there is with `pomona model list`, or train one with `pomona train`.',
    });
  }

  async aliases(name: string): Promise<ModelAlias[]> {
    const rows = await this.#db
      .selectFrom('model_aliases')
      .selectAll()
      .where('name', '=', name)
      .orderBy('alias')
      .execute();
    return rows.map(({ alias, version, at, actor }) => ({ alias, version, at: instantOf(at), actor }));
  }

  /** Newest first. */
  async log(name: string): Promise<ModelLogEntry[]> {
    const rows = await this.#db
      .selectFrom('model_log')
      .selectAll()
      .where('name', '=', name)
      .orderBy('id', 'desc')
      .limit(logMax)
      .execute();
    return rows.map(({ id: _, at, ...entry }) => ({ ...entry, at: instantOf(at) }));
  }

  /** Points the alias at the version, and adds to the log who did and why: both or neither. */
  async setAlias(change: AliasChange): Promise<void> {
    const { name, alias, version, actor, reason, detail, atMs: at } = change;
    await this.#db.transaction().execute(async (trx) => {
      await trx
        .insertInto('model_aliases')
        .values({ name, alias, version, at, actor })
        .onConflict((conflict) => conflict.columns(['name', 'alias']).doUpdateSet({ version, at, actor }))
        .execute();
      const action = `${alias} = ${version}`;
      await trx.insertInto('model_log').values({ at, name, actor, action, reason, detail }).execute();
    });
  }

  /** Null for an alias that the name does not have. */
  async #versionOf(name: string, pointer: string): Promise<number | null> {
    if (/^[1-9]\d{0,8}$/.test(pointer)) return Number(pointer);
    const row = await this.#db
      .selectFrom('model_aliases')
      .select('version')
      .where('name', '=', name)
      .where('alias', '=', pointer)
      .executeTakeFirst();
    return row?.version ?? null;
  }

  async nextVersion(name: string): Promise<number> {
    const row = await this.#db
      .selectFrom('model_versions')
      .select(({ fn }) => fn.max('version').as('version'))
      .where('name', '=', name)
      .executeTakeFirst();
    return (row?.version ?? 0) + 1;
  }
}

function instantOf(ms: number): string {
  return new Date(Number(ms)).toISOString();
}

function viewOf(row: { readonly body: string }): ModelView {
  return JSON.parse(row.body) as ModelView;
}
