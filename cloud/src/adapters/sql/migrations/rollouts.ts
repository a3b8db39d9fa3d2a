import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

export async function createRollouts({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('rollouts')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('release', 'text', (c) => c.notNull())
    .addColumn('query', 'text', (c) => c.notNull())
    .addColumn('plan', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('rollout_stations')
    .addColumn('rollout_id', 'integer', (c) => c.notNull().references('rollouts.id'))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('station', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('rollout_stations_key', ['rollout_id', 'position'])
    .execute();
  await schema
    .createTable('rollout_events')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('rollout_id', 'integer', (c) => c.notNull().references('rollouts.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createIndex('rollout_events_rollout')
    .on('rollout_events')
    .columns(['rollout_id', 'id'])
    .execute();
}
