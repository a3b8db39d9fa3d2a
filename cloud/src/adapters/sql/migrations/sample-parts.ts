import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What came of the sample that a station is sending; at most one of each station. */
export async function createSampleParts({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('sample_parts')
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('start', 'integer', (c) => c.notNull())
    .addColumn('end', 'integer', (c) => c.notNull())
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('sample_parts_key', ['station_id', 'start'])
    .execute();
}
