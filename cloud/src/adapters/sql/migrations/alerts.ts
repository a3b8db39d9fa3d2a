import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

export async function createAlerts({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('alerts')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('severity', 'text', (c) => c.notNull())
    .addColumn('station', 'text')
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('evidence', 'text', (c) => c.notNull())
    .addColumn('opened_at', 'bigint', (c) => c.notNull())
    .addColumn('closed_at', 'bigint')
    .addColumn('acknowledged_at', 'bigint')
    .addColumn('acknowledged_by', 'text')
    .addColumn('note', 'text')
    .execute();
  await schema.createIndex('alerts_open').on('alerts').columns(['closed_at', 'kind', 'station']).execute();
}
