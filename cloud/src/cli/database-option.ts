export const databaseUrlOption = [
  '--database-url <url>',
  'PostgreSQL instead of a file in the data folder (POMONA_DATABASE_URL)',
] as const;

/** The database that the option or the environment names; without one, the data folder knows. */
export function databaseUrlFrom(option?: string): { readonly databaseUrl?: string } {
  const databaseUrl = option ?? process.env.POMONA_DATABASE_URL;
  return databaseUrl === undefined || databaseUrl === '' ? {} : { databaseUrl };
}
