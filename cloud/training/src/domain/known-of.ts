import type { DatasetImage } from './dataset.ts';

/** What may be known of an image beside its group; a model must not be worse for one value of it than for another. */
export const knownAttributes = ['variety', 'session', 'station', 'lot'] as const;
export type KnownAttribute = (typeof knownAttributes)[number];
export type Known = Partial<Record<KnownAttribute, string>>;

/** Photographs are grouped by session already; a fruit seen several times is a group of its own, and its session a day at a station. */
export function knownOf({ about = {} }: DatasetImage, viewsPerFruit: number): Known {
  const { variety, station, lot, capturedAt } = about;
  const session =
    viewsPerFruit > 1 && capturedAt !== undefined
      ? `${station ?? 'unknown station'} ${capturedAt.slice(0, 10)}`
      : undefined;
  return {
    ...(variety === undefined ? {} : { variety }),
    ...(session === undefined ? {} : { session }),
    ...(station === undefined ? {} : { station }),
    ...(lot === undefined ? {} : { lot }),
  };
}
