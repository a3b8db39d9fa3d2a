import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Trainings, as they run and as they ended. `heartbeat_at` tells one that runs from one whose process is gone. */
export async function createJobs({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('jobs')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('heartbeat_at', 'bigint')
    .addColumn('cancel_asked', 'integer', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('request', 'text', (c) => c.notNull())
    .addColumn('epochs', 'text', (c) => c.notNull())
    .addColumn('result', 'text')
    .addColumn('error', 'text')
    .execute();
}
