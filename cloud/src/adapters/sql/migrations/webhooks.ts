import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** The secret can be read again, since a signature cannot be made from a hash of it; whoever writes it here seals it. */
export async function createWebhooks({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('webhooks')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'bigint', (c) => c.notNull())
    .execute();
  await schema
    .createTable('webhook_deliveries')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('webhook_id', 'integer', (c) => c.notNull().references('webhooks.id'))
    .addColumn('delivery', 'text', (c) => c.notNull().unique())
    .addColumn('event', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('status', 'integer')
    .addColumn('error', 'text')
    .addColumn('attempted_at', 'bigint')
    .addColumn('next_at', 'bigint')
    .execute();
  await schema.createIndex('webhook_deliveries_due').on('webhook_deliveries').column('next_at').execute();
  await schema
    .createIndex('webhook_deliveries_last')
    .on('webhook_deliveries')
    .columns(['webhook_id', 'attempted_at'])
    .execute();
}
