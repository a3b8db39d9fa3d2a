import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** The samples of a fruit, for its label: a long export asks of every fruit. */
export async function addSampleFruitIndex({ schema }: Kysely<Tables>): Promise<void> {
  await schema.createIndex('samples_fruit').on('samples').columns(['boot_id', 'fruit_seq']).execute();
}
