import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** A station's windows of one kind, in the order of arrival, and which samples name a file: neither may read a whole table. */
export async function addRetentionIndices({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createIndex('drift_windows_comparable')
    .on('drift_windows')
    .columns(['station_id', 'edges', 'release_id', 'fruits', 'id'])
    .execute();
  await schema
    .createIndex('drift_windows_newest')
    .on('drift_windows')
    .columns(['station_id', 'id', 'edges'])
    .execute();
  await schema.dropIndex('drift_windows_station').execute();
  await schema.createIndex('samples_pixels').on('samples').column('pixels').execute();
}
