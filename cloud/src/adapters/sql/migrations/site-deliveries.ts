import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Caps and quiet hours of sites: each change a row, the newest of a site holds. */
export async function createSiteDeliveries({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('site_deliveries')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('site_deliveries_site').on('site_deliveries').columns(['site', 'id']).execute();
}
