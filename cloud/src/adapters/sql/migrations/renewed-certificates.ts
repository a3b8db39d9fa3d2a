import type { Kysely } from '@pomona/kysely';
import type { Tables } from '../tables.ts';

/** The serial of a certificate that was offered in the place of the one in use, and was not seen yet. */
export async function addRenewedCertificates({ schema }: Kysely<Tables>): Promise<void> {
  await schema.alterTable('stations').addColumn('renewed_serial', 'text').execute();
}
