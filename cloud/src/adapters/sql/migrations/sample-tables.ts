import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Fruit to label, and what was said of it: `sample_labels` only grows, `samples.label` is its last row. */
export async function createSampleTables({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('samples')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('station_id', 'integer', (c) => c.notNull())
    .addColumn('boot_id', 'integer', (c) => c.notNull())
    .addColumn('seq', 'bigint', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('received_at', 'bigint', (c) => c.notNull())
    .addColumn('release_name', 'text', (c) => c.notNull())
    .addColumn('release_version', 'integer', (c) => c.notNull())
    .addColumn('release_digest', 'text', (c) => c.notNull())
    .addColumn('labels', 'text', (c) => c.notNull())
    .addColumn('size', 'integer', (c) => c.notNull())
    .addColumn('views', 'integer', (c) => c.notNull())
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('fruit_seq', 'bigint', (c) => c.notNull())
    .addColumn('lane', 'integer', (c) => c.notNull())
    .addColumn('grade', 'text', (c) => c.notNull())
    .addColumn('probabilities', 'text', (c) => c.notNull())
    .addColumn('uncertainty', 'real', (c) => c.notNull())
    .addColumn('pixels', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('labelled_at', 'bigint')
    .addColumn('labelled_by', 'text')
    .addUniqueConstraint('samples_name', ['boot_id', 'seq'])
    .execute();
  await schema.createIndex('samples_label').on('samples').columns(['label', 'uncertainty']).execute();
  await schema
    .createTable('sample_labels')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('sample_id', 'integer', (c) => c.notNull())
    .addColumn('at', 'bigint', (c) => c.notNull())
    .addColumn('actor', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .execute();
  await schema.createIndex('sample_labels_sample').on('sample_labels').columns(['sample_id', 'id']).execute();
}
