import { AppError, type DatasetView } from '@pomona/wire';
import type { PomonaDatabase } from './open-database.ts';

/** Dataset versions by name and digest. Images of a version never change; saved again, it tells anew what was refused. */
export class SqlDatasetRegistry {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async save(view: DatasetView): Promise<void> {
    const said = { created_at: view.createdAt, body: JSON.stringify(view) };
    await this.#db
      .insertInto('dataset_versions')
      .values({ name: view.name, digest: view.digest, ...said })
      .onConflict((conflict) => conflict.columns(['name', 'digest']).doUpdateSet(said))
      .execute();
  }

  /** Newest first. */
  async list(): Promise<DatasetView[]> {
    const rows = await this.#db
      .selectFrom('dataset_versions')
      .select('body')
      .orderBy('created_at', 'desc')
      .orderBy('digest')
      .execute();
    return rows.map(viewOf);
  }

  /** The newest version of that name, or the one whose digest starts with `digestPrefix`. Error: `digest-ambiguous`. */
  async find(name: string, digestPrefix = ''): Promise<DatasetView | undefined> {
    const rows = await this.#db
      .selectFrom('dataset_versions')
      .select(['body', 'digest'])
      .where('name', '=', name)
      .where('digest', '>=', digestPrefix)
      .where('digest', '<', `${digestPrefix}g`)
      .orderBy('created_at', 'desc')
      .limit(2)
      .execute();
    if (digestPrefix !== '' && rows.length > 1) {
      throw new AppError('digest-ambiguous', `several versions of ${name} start with ${digestPrefix}`, {
        hint: 'Give more digits of the digest.',
      });
    }
    return rows[0] && viewOf(rows[0]);
  }
}

function viewOf(row: { readonly body: string }): DatasetView {
  return JSON.parse(row.body) as DatasetView;
}
