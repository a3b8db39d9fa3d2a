import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Retrainings that a rule proposed, and an index for what that rule counts. */
export async function createRetrainProposals({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('retrain_proposals')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('why', 'text', (c) => c.notNull())
    .addColumn('alert', 'integer', (c) => c.notNull())
    .addColumn('model', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('decided_at', 'bigint')
    .addColumn('actor', 'text')
    .addColumn('reason', 'text')
    .addColumn('job', 'integer')
    .execute();
  await schema.createIndex('samples_labelled_at').on('samples').column('labelled_at').execute();
}
