import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What agents measure of a fruit beside its size and colour; null of those that came before. */
export async function addFruitMeasures({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('fruits').addColumn('measures', 'text').execute();
}
