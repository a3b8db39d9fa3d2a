import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What each station said it runs, a row for each change; kept for good. */
export async function createStationRuns({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('station_runs')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('release', 'text')
    .addColumn('variant', 'text')
    .execute();
  await schema.createIndex('station_runs_station').on('station_runs').columns(['station_id', 'at']).execute();
}
