import { Type } from '@pomona/schema';

/** A name that is safe in a topic level, a certificate's common name, a URL path and a file name. */
export const slugPattern = '^[a-z0-9][a-z0-9-]{0,39}$';
export const Slug = Type.String({ pattern: slugPattern });

/** Lower-case hexadecimal SHA-256. */
export const digestPattern = '^[0-9a-f]{64}$';
export const Digest = Type.String({ pattern: digestPattern });

/** A wall-clock instant, ISO 8601 in UTC with milliseconds. */
export const Instant = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$',
});

export const BootId = Type.String({
  pattern: '^[0-9a-f]{16}$',
  description: 'One start of an agent',
});

/** Where a station stands. The station's id alone is unique, and is its certificate's common name. */
export interface StationAddress {
  readonly site: string;
  readonly line: string;
  readonly station: string;
}

const slug = new RegExp(slugPattern);

export function isSlug(text: string): boolean {
  return slug.test(text);
}
