import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** The recipe that a station has where its release brings none; null where that is the one of its desired state. */
export async function addOwnRecipes({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('desired').addColumn('own_recipe', 'text').execute();
}
