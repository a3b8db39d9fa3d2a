import type { Overview } from '@pomona/wire';
import { bucketMs, recentMs } from './fold-events.ts';

export interface RecentChart {
  /** Start of each bucket, seconds since 1970, evenly spaced, oldest first. */
  readonly startS: readonly number[];
  /** Fruits per bucket, [grade][bucket], in the order of `grades`. */
  readonly counts: readonly (readonly number[])[];
  /** The same added up from the first grade on, so that areas stand on one another. */
  readonly stacked: readonly (readonly number[])[];
}

/** Five minutes that end at `endMs`; a bucket without fruit is there with zeros. */
export function recentChart(
  recent: Overview['recent'],
  grades: readonly string[],
  endMs: number,
): RecentChart {
  const origin = Date.parse(recent.at(-1)?.at ?? '1970-01-01T00:00:00.000Z');
  const lastMs = origin + Math.floor((endMs - origin) / bucketMs) * bucketMs;
  const starts = Array.from(
    { length: recentMs / bucketMs },
    (_, i) => lastMs - recentMs + (i + 1) * bucketMs,
  );
  const byStart = new Map(recent.map((bucket) => [Date.parse(bucket.at), bucket.grades]));
  const counts = grades.map((grade) =>
    starts.map((start) => byStart.get(start)?.find((entry) => entry.grade === grade)?.count ?? 0),
  );
  const stacked = counts.map((_, row) =>
    starts.map((_, column) => counts.slice(0, row + 1).reduce((sum, values) => sum + values[column]!, 0)),
  );
  return { startS: starts.map((ms) => ms / 1000), counts, stacked };
}
