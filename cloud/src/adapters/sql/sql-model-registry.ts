import type { ModelView } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';

/** Model versions by name and number. A version never changes: saving its number a second time throws. */
export class SqlModelRegistry {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async save(view: ModelView): Promise<void> {
    await this.#db
      .insertInto('model_versions')
      .values({
        name: view.name,
        version: view.version,
        digest: view.digest,
        created_at: view.createdAt,
        body: JSON.stringify(view),
      })
      .execute();
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

  async nextVersion(name: string): Promise<number> {
    const row = await this.#db
      .selectFrom('model_versions')
      .select(({ fn }) => fn.max('version').as('version'))
      .where('name', '=', name)
      .executeTakeFirst();
    return (row?.version ?? 0) + 1;
  }
}

function viewOf(row: { readonly body: string }): ModelView {
  return JSON.parse(row.body) as ModelView;
}
