import { inject } from 'vitest';
import type { OpenDatabaseOptions } from '../adapters/sql/open-database.ts';
import './postgres-setup.ts';
import { createPostgresDatabase } from './postgres-server.ts';

export interface TestDatabase {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** For `openDatabase`: of an empty database. */
  options(): Promise<Pick<OpenDatabaseOptions, 'url'>>;
}

const sqlite: TestDatabase = { name: 'SQLite', options: async () => ({}) };
let created = 0;

/** For `describe.each`: what the stores run on. PostgreSQL is left out, aloud, where it is not installed. */
export const databases: readonly TestDatabase[] = [sqlite, ...postgres()];

function postgres(): TestDatabase[] {
  const url = inject('postgresUrl');
  if (url === null) return [];
  const options = async () => ({
    url: await createPostgresDatabase(url, `test_${process.pid}_${created++}`),
  });
  return [{ name: 'PostgreSQL', options }];
}
