import type { PomonaDatabase } from './open-database.ts';

const rowsAtOnce = 500;

/** Blobs that are about to be removed, from before the first row that named them goes until the last file is gone. */
export class SqlRemovalStore {
  readonly #db: PomonaDatabase;

  constructor(db: PomonaDatabase) {
    this.#db = db;
  }

  async record(digests: readonly string[]): Promise<void> {
    for (const some of inParts(digests))
      await this.#db
        .insertInto('file_removals')
        .values(some.map((digest) => ({ digest })))
        .onConflict((conflict) => conflict.column('digest').doNothing())
        .execute();
  }

  async list(): Promise<string[]> {
    const rows = await this.#db.selectFrom('file_removals').select('digest').orderBy('digest').execute();
    return rows.map(({ digest }) => digest);
  }

  /** Those of them that show a sample which is there. */
  async shown(): Promise<string[]> {
    const rows = this.#db
      .selectFrom('file_removals')
      .innerJoin('samples', 'samples.pixels', 'file_removals.digest')
      .select('digest')
      .distinct();
    return (await rows.execute()).map(({ digest }) => digest);
  }

  async forget(digests: readonly string[]): Promise<void> {
    for (const some of inParts(digests))
      await this.#db.deleteFrom('file_removals').where('digest', 'in', some).execute();
  }
}

/** A statement takes only so many values. */
function* inParts(digests: readonly string[]): Generator<readonly string[]> {
  for (let from = 0; from < digests.length; from += rowsAtOnce) yield digests.slice(from, from + rowsAtOnce);
}
