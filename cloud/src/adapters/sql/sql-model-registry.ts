import { AppError, type ModelAlias, type ModelLogEntry, type ModelView, naturalOrder } from '@pomona/wire';
import { whatThereIs } from '../../domain/what-there-is.ts';
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

/** A version that loses its files, gets them back, or goes. */
export interface VersionChange {
  readonly name: string;
  readonly version: number;
  /** What there is of it afterwards; undefined for nothing. */
  readonly record: ModelView | undefined;
  readonly entry: Omit<ModelLogEntry, 'name'>;
}

/**
 * Model versions by name and number. A version never changes, but that it may lose its files: saving its number a second
 * time throws.
 */
export class SqlModelRegistry {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** With `entry` the log says where it came from: both or neither. */
  async save(view: ModelView, entry?: Omit<ModelLogEntry, 'name'>): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      await trx.insertInto('model_versions').values(rowOf(view)).execute();
      if (entry) await addToModelLog(trx, { ...entry, name: view.name });
    });
  }

  /** All of them or none, each with its entry in the log. */
  async changeVersions(changes: readonly VersionChange[]): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      for (const { name, version, record, entry } of changes) {
        await trx
          .deleteFrom('model_versions')
          .where('name', '=', name)
          .where('version', '=', version)
          .execute();
        if (record) await trx.insertInto('model_versions').values(rowOf(record)).execute();
        await addToModelLog(trx, { ...entry, name });
      }
    });
  }

  /** By name, newest version first. */
  async list(): Promise<ModelView[]> {
    const rows = await this.#db
      .selectFrom('model_versions')
      .select('body')
      .orderBy('version', 'desc')
      .execute();
    return rows.map(viewOf).sort((a, b) => naturalOrder(a.name, b.name));
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
      hint: `${whatThereIs((await this.list()).map((each) => each.name))} See each version with \`pomona model list\`, or train one with \`pomona train\`.`,
    });
  }

  /** Of every name. */
  async allAliases(): Promise<{ name: string; alias: string; version: number }[]> {
    return this.#db.selectFrom('model_aliases').select(['name', 'alias', 'version']).execute();
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
      const entry = { name, actor, reason, detail, at: instantOf(at) };
      await addToModelLog(trx, { ...entry, action: `${alias} = ${version}` });
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

function rowOf(view: ModelView) {
  const { name, version, digest, createdAt: created_at } = view;
  return { name, version, digest, created_at, body: JSON.stringify(view) };
}

/** In the transaction of what the entry tells of. */
export async function addToModelLog(trx: PomonaDatabase, entry: ModelLogEntry): Promise<void> {
  const { name, at, actor, action, reason, detail } = entry;
  const row = { at: Date.parse(at), name, actor, action, reason, detail };
  await trx.insertInto('model_log').values(row).execute();
}

function viewOf(row: { readonly body: string }): ModelView {
  return JSON.parse(row.body) as ModelView;
}
