import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What went through the training program, what it was asked for, and what it came to; kept for good. */
export async function createTrainingRuns({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('training_runs')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('job_id', 'integer', (c) => c.notNull().references('jobs.id'))
    .addColumn('started_at', 'bigint', (c) => c.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('dataset_name', 'text', (c) => c.notNull())
    .addColumn('dataset_digest', 'text', (c) => c.notNull())
    .addColumn('code_revision', 'text', (c) => c.notNull())
    .addColumn('inputs', 'text', (c) => c.notNull())
    .addColumn('asked', 'text', (c) => c.notNull())
    .addColumn('begun', 'text')
    .addColumn('curve', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text')
    .addColumn('digest', 'text')
    .addColumn('reproduces', 'integer')
    .addColumn('error', 'text')
    .execute();
  await schema.createIndex('training_runs_inputs').on('training_runs').column('inputs').execute();
}
