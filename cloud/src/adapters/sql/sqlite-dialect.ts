import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
  type SqliteStatement,
  type TransactionSettings,
} from '@pomona/kysely';
import type DatabaseConstructor from 'better-sqlite3';
import { asDatabaseError } from './database-errors.ts';

const preparedMax = 256;

/**
 * Kysely's SQLite dialect with four differences: statements are prepared once, a transaction takes the write lock at
 * its start (one that begins reading and then writes is refused when another process wrote in between, however long it
 * would wait), a rollback is left out where SQLite did it itself, which it does when the disk is full, and a full disk
 * and a lock that others hold have our codes, whatever statement meets them.
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
  const prepared = new Map<string, SqliteStatement>();
  return {
    prepare(text) {
      const known = prepared.get(text);
      if (known) return known;
      const statement = withCodedErrors(coded(() => sqlite.prepare(text)));
      const [oldest] = prepared.keys();
      if (oldest !== undefined && prepared.size >= preparedMax) prepared.delete(oldest);
      prepared.set(text, statement);
      return statement;
    },
    close: () => sqlite.close(),
  };
}

function withCodedErrors(statement: DatabaseConstructor.Statement): SqliteStatement {
  return {
    reader: statement.reader,
    all: (parameters) => coded(() => statement.all(parameters)),
    run: (parameters) => coded(() => statement.run(parameters)),
    // Only reads stream, and none does here.
    iterate: (parameters) => statement.iterate(parameters),
  };
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asDatabaseError(error);
  }
}
