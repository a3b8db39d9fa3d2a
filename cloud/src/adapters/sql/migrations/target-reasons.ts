import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** Why the targets were changed; null where nobody said. */
export async function addTargetReasons({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('project_settings').addColumn('reason', 'text').execute();
}
