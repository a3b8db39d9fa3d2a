import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** What an alert said before it became critical, as JSON. */
export async function addAlertBefore({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('alerts').addColumn('before', 'text').execute();
}
