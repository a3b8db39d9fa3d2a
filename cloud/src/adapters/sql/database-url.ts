/** Which database a data folder's records are in, when it is not `pomona.sqlite`. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileDurably } from '@pomona/release';
import { AppError, systemErrorCode } from '@pomona/wire';

const fileName = 'database.json';

/**
 * Remembers the database of a data folder, so that every command that reads the folder finds the same one. The file may
 * hold a password: only its owner reads it. Error: `database-url-invalid`.
 */
export async function rememberDatabaseUrl(folder: string, url: string): Promise<void> {
  await writeFileDurably(join(folder, fileName), `${JSON.stringify({ url: checkedUrl(url) })}\n`, 0o600);
}

/** Undefined where the records are in the folder itself. Error: `database-url-invalid`. */
export function rememberedDatabaseUrl(folder: string): string | undefined {
  try {
    const { url } = JSON.parse(readFileSync(join(folder, fileName), 'utf8')) as { url: string };
    return checkedUrl(url);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Error: `database-url-invalid`, which never shows the password. */
export function checkedUrl(url: string): string {
  const protocol = URL.canParse(url) ? new URL(url).protocol : '';
  if (protocol === 'postgres:' || protocol === 'postgresql:') return url;
  throw new AppError('database-url-invalid', 'the database address is not one of PostgreSQL', {
    hint: 'Give POMONA_DATABASE_URL or --database-url as postgres://user:password@host:5432/database.',
  });
}
