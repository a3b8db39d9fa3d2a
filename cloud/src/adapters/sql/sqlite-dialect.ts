import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type TransactionSettings,
} from '@pomona/kysely';
import type DatabaseConstructor from 'better-sqlite3';

const preparedMax = 256;

/**
 * Kysely's SQLite dialect with three differences: statements are prepared once, a transaction takes the write lock at
 * its start (one that begins reading and then writes is refused when another process wrote in between, however long it
 * would wait), and a rollback is left out where SQLite did it itself, which it does when the disk is full.
 */
export class PreparedSqliteDialect extends SqliteDialect {
  readonly #sqlite: DatabaseConstructor.Database;

  constructor(sqlite: DatabaseConstructor.Database) {
    super({ database: withPreparedStatements(sqlite) });
    this.#sqlite = sqlite;
  }

  override createDriver(): Driver {
    return new ImmediateSqliteDriver(this.#sqlite);
  }
}

class ImmediateSqliteDriver extends SqliteDriver {
  readonly #sqlite: DatabaseConstructor.Database;

  constructor(sqlite: DatabaseConstructor.Database) {
    super({ database: withPreparedStatements(sqlite) });
    this.#sqlite = sqlite;
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    _settings?: TransactionSettings,
  ): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'));
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#sqlite.inTransaction) await super.rollbackTransaction(connection);
  }
}

function withPreparedStatements(sqlite: DatabaseConstructor.Database): SqliteDatabase {
  const prepared = new Map<string, DatabaseConstructor.Statement>();
  return {
    prepare(text) {
      const known = prepared.get(text);
      if (known) return known;
      const statement = sqlite.prepare(text);
      const [oldest] = prepared.keys();
      if (oldest !== undefined && prepared.size >= preparedMax) prepared.delete(oldest);
      prepared.set(text, statement);
      return statement;
    },
    close: () => sqlite.close(),
  };
}
