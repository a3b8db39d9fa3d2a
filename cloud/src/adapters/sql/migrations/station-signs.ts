import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** When the last status and the last health came in: by these a station is found stale. */
export async function addStationSigns({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('stations').addColumn('status_at', 'bigint').execute();
  await schema.alterTable('stations').addColumn('health_at', 'bigint').execute();
}
