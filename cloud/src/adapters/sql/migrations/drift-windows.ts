import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Statistics of windows of fruit, as the stations count them. */
export async function createDriftWindows({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('drift_windows')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('boot_id', 'integer', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('release_id', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('fruits', 'integer', (c) => c.notNull())
    .addColumn('edges', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addUniqueConstraint('drift_windows_name', ['boot_id', 'seq'])
    .execute();
  await schema
    .createIndex('drift_windows_station')
    .on('drift_windows')
    .columns(['station_id', 'release_id', 'id'])
    .execute();
}
