import type { ProjectTargets, ProjectView } from '@pomona/wire';
import { defaultTargets } from '../../domain/project-targets.ts';
import type { PomonaDatabase } from './open-database.ts';

/** The project's targets; each change is a new version, and the old ones stay. */
export class SqlProjectStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  /** The newest; version 0 are the defaults that nobody set. */
  async read(): Promise<ProjectView> {
    const row = await this.#db
      .selectFrom('project_settings')
      .selectAll()
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (!row) return { version: 0, at: null, actor: null, targets: defaultTargets };
    const targets = JSON.parse(row.body) as ProjectTargets;
    return { version: row.version, at: new Date(Number(row.at)).toISOString(), actor: row.actor, targets };
  }

  async write(targets: ProjectTargets, actor: string, nowMs: number): Promise<ProjectView> {
    await this.#db.transaction().execute(async (trx) => {
      const { version } = await new SqlProjectStore(trx).read();
      await trx
        .insertInto('project_settings')
        .values({ version: version + 1, at: nowMs, actor, body: JSON.stringify(targets) })
        .execute();
    });
    return this.read();
  }
}
