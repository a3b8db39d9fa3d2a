import { type Kysely, sql } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

export async function createFirstTables(db: Kysely<Tables>): Promise<void> {
  const { schema } = db;
  await schema
    .createTable('stations')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('site', 'text', (c) => c.notNull())
    .addColumn('line', 'text', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('enrolled_at', 'integer')
    .addColumn('certificate_serial', 'text')
    .addColumn('last_seen_at', 'integer')
    .addColumn('status', 'text')
    .addColumn('reported', 'text')
    .addColumn('health', 'text')
    .execute();
  await schema
    .createTable('boots')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('boot', 'text', (c) => c.notNull())
    .addUniqueConstraint('boots_name', ['station_id', 'boot'])
    .execute();
  await schema
    .createTable('claims')
    .addColumn('token_sha256', 'text', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull().references('stations.id'))
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .addColumn('expires_at', 'integer', (c) => c.notNull())
    .addColumn('used_at', 'integer')
    .execute();
  await createFruitTables(db);
  await createRecordTables(db);
  await createRegistryTables(db);
}

/**
 * A fruit's name is (station, boot, seq). A boot belongs to one station, so (boot_id, seq) is that name in two
 * integers, and the unique index over it stays small and is appended to nearly in order.
 */
async function createFruitTables({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('releases')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addUniqueConstraint('releases_content', ['digest', 'name', 'version', 'labels'])
    .execute();
  await schema
    .createTable('fruits')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('boot_id', 'integer', (c) => c.notNull().references('boots.id'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('release_id', 'integer', (c) => c.notNull())
    .addColumn('recipe_version', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'integer', (c) => c.notNull())
    .addColumn('lane', 'integer', (c) => c.notNull())
    .addColumn('position_mm', 'real', (c) => c.notNull())
    .addColumn('grade', 'text', (c) => c.notNull())
    .addColumn('gate', 'integer', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('probabilities', 'text', (c) => c.notNull())
    .addColumn('views', 'integer', (c) => c.notNull())
    .addColumn('diameter_mm', 'real', (c) => c.notNull())
    .addColumn('colour', 'text', (c) => c.notNull())
    .addColumn('latency_ms', 'real', (c) => c.notNull())
    .addUniqueConstraint('fruits_name', ['boot_id', 'seq'])
    .execute();
  await schema.createIndex('fruits_station').on('fruits').columns(['station_id', 'id']).execute();
  await schema
    .createTable('fruit_rollups')
    .addColumn('bucket', 'integer', (c) => c.notNull())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('grade', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('fruit_rollups_key', ['bucket', 'station_id', 'grade'])
    .modifyEnd(sql`without rowid`)
    .execute();
  await schema
    .createTable('fruit_totals')
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('grade', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('fruit_totals_key', ['station_id', 'grade'])
    .modifyEnd(sql`without rowid`)
    .execute();
}

async function createRecordTables({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('health_records')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('boot_id', 'integer', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addUniqueConstraint('health_records_name', ['boot_id', 'seq'])
    .execute();
  await schema
    .createIndex('health_records_station')
    .on('health_records')
    .columns(['station_id', 'id'])
    .execute();
  await schema
    .createTable('quarantine')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('boot', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('received_at', 'integer', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addUniqueConstraint('quarantine_name', ['station_id', 'channel', 'boot', 'seq'])
    .execute();
  await schema
    .createTable('desired')
    .addColumn('station_id', 'integer', (c) => c.primaryKey().references('stations.id'))
    .addColumn('counter', 'integer', (c) => c.notNull())
    .addColumn('at', 'integer', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addColumn('envelope', 'text', (c) => c.notNull())
    .execute();
  await schema
    .createTable('rejections')
    .addColumn('station', 'text', (c) => c.notNull())
    .addColumn('channel', 'text', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('last_at', 'integer', (c) => c.notNull())
    .addColumn('detail', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('rejections_key', ['station', 'channel', 'cause'])
    .execute();
}

async function createRegistryTables({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('dataset_versions')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('dataset_versions_key', ['name', 'digest'])
    .execute();
  await schema
    .createTable('model_versions')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('body', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('model_versions_key', ['name', 'version'])
    .execute();
  await schema
    .createTable('readers')
    .addColumn('user', 'text', (c) => c.primaryKey())
    .addColumn('salt', 'text', (c) => c.notNull())
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('channels', 'text', (c) => c.notNull())
    .addColumn('created_at', 'integer', (c) => c.notNull())
    .execute();
}
