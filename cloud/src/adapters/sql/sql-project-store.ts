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

  /** `basedOn`: the version that was changed; any unless given. Error: `project-changed`. */
  async write(
    targets: ProjectTargets,
    actor: string,
    nowMs: number,
    basedOn?: number,
    reason?: string,
  ): Promise<ProjectView> {
    const newest = await this.read();
    if (basedOn !== undefined && newest.version !== basedOn) throw projectChanged(newest, basedOn);
    const version = newest.version + 1;
    const { numInsertedOrUpdatedRows } = await this.#db
      .insertInto('project_settings')
      .values({ version, at: nowMs, actor, body: JSON.stringify(targets), reason: reason ?? null })
      // Somebody else was a moment earlier.
      .onConflict((conflict) => conflict.column('version').doNothing())
      .executeTakeFirstOrThrow();
    return numInsertedOrUpdatedRows === 0n
      ? this.write(targets, actor, nowMs, basedOn, reason)
      : this.readVersion(version);
  }
}

function projectChanged({ version, at, actor }: ProjectView, basedOn: number): AppError {
  return new AppError(
    'project-changed',
    `${actor ?? 'somebody'} changed the targets meanwhile${at === null ? '' : `, at ${at}`}: they are version ${version}, and the change was made to version ${basedOn}`,
    {
      hint: 'Read them again (GET /v1/project; pomona project log says what changed), make the change to these, and send it with their ETag.',
    },
  );
}

function viewOf(row: Tables['project_settings']): ProjectView {
  const targets = JSON.parse(row.body) as ProjectTargets;
  return {
    ...{ version: row.version, at: new Date(Number(row.at)).toISOString(), actor: row.actor },
    ...(row.reason === null ? {} : { reason: row.reason }),
    targets,
  };
}
