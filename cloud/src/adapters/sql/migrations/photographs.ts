import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Photographs that were imported, with what was found of them; each in which a fruit was found has a row of `samples` to be labelled. */
export async function createPhotographs({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('photographs')
    .addColumn('id', 'integer', (c) => c.primaryKey())
    .addColumn('dataset', 'text', (c) => c.notNull())
    .addColumn('original', 'text', (c) => c.notNull())
    .addColumn('path', 'text', (c) => c.notNull())
    .addColumn('group_name', 'text', (c) => c.notNull())
    .addColumn('about', 'text')
    .addColumn('grade', 'text')
    .addColumn('figures', 'text')
    .addColumn('refused', 'text')
    .addColumn('standardise', 'text')
    .addColumn('sample_id', 'integer')
    .addUniqueConstraint('photographs_name', ['dataset', 'original'])
    .execute();
  await schema.createIndex('photographs_sample').on('photographs').column('sample_id').execute();
}
