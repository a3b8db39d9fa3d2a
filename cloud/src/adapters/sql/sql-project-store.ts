import { AppError, type ProjectTargets, type ProjectView } from '@pomona/wire';
import { defaultTargets } from '../../domain/project-targets.ts';
import type { PomonaDatabase } from './open-database.ts';
import type { Tables } from './tables.ts';

const versionsMax = 500;

const defaults: ProjectView = { version: 0, at: null, actor: null, targets: defaultTargets };

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
    return row ? viewOf(row) : defaults;
  }

  /** 0 are the defaults. Error: `project-version-unknown`. */
  async readVersion(version: number): Promise<ProjectView> {
    if (version === 0) return defaults;
    const row = await this.#db
      .selectFrom('project_settings')
      .selectAll()
      .where('version', '=', version)
      .executeTakeFirst();
    if (row) return viewOf(row);
    throw new AppError('project-version-unknown', `the project’s targets have no version ${version}`, {
      hint: 'See which there are: pomona project log.',
    });
  }

  /** Newest first, at most 500. */
  async versions(): Promise<ProjectView[]> {
    const rows = await this.#db
      .selectFrom('project_settings')
      .selectAll()
      .orderBy('version', 'desc')
      .limit(versionsMax)
      .execute();
    return rows.map(viewOf);
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

function viewOf(row: Tables['project_settings']): ProjectView {
  const targets = JSON.parse(row.body) as ProjectTargets;
  return { version: row.version, at: new Date(Number(row.at)).toISOString(), actor: row.actor, targets };
}
