import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What a candidate said of a fruit that got another grade, and what a boot of a station has counted of a candidate that runs silently there: the newest message says it all. */
export async function createRolloutShadows({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('samples').addColumn('candidate', 'text').execute();
  await schema
    .createTable('rollout_shadows')
    .addColumn('rollout_id', 'integer', (c) => c.notNull().references('rollouts.id'))
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('rollout_shadows_key', ['rollout_id', 'station_id', 'boot'])
    .execute();
}
