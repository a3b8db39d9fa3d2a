import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Files that are about to be removed: what is still here at a start was cut off. */
export async function createFileRemovals({ schema }: Kysely<Tables>): Promise<void> {
  await schema
    .createTable('file_removals')
    .addColumn('digest', 'text', (c) => c.primaryKey())
    .execute();
}
