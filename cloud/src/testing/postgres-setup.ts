/** Vitest's global set-up: one PostgreSQL for all test files, each test with a database of its own on it. */
import type { TestProject } from 'vitest/node';
import { findPostgres, startPostgres } from './postgres-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Null where PostgreSQL is not installed. */
    postgresUrl: string | null;
  }
}

export default async function startSharedPostgres(project: TestProject): Promise<() => Promise<void>> {
  const bin = findPostgres();
  if (bin === undefined) {
    const text = 'PostgreSQL is not installed (Debian: postgresql): its tests';
    if (process.env.POMONA_REQUIRE_ALL === '1') throw new Error(`${text} cannot run`);
    process.stderr.write(`${text} are left out\n`);
    project.provide('postgresUrl', null);
    return async () => undefined;
  }
  const server = await startPostgres(bin);
  project.provide('postgresUrl', server.url);
  return () => server.stop();
}
