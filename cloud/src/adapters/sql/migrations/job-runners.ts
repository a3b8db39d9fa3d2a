import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Which control plane runs a job; null for one that a command runs, and for those of before. */
export async function addJobRunners({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('jobs').addColumn('runner', 'text').execute();
}
