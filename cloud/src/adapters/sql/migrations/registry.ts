import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Aliases of model versions, the project's targets, and two logs that are only added to. */
export async function createRegistry({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('model_aliases')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('alias', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_aliases_key', ['name', 'alias'])
    .execute();
  await schema
    .createTable('model_log')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('project_settings')
    .addColumn('version', 'integer', (c) => c.primaryKey())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('desired_log')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('counter', 'integer', (c) => c.notNull())
    .addColumn('release', 'text')
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .execute();
  await schema.createIndex('desired_log_station').on('desired_log').columns(['station_id', 'id']).execute();
}
