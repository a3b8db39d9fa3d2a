import type { RecentFruits } from '@pomona/wire';
import { quantile, type RecentValues } from './recent-values.ts';

/** `timeUsed`: what part of its time each fruit's decision took, by the release of that digest. */
export function recentOf(release: string, timeUsed: RecentValues, nowMs: number): RecentFruits {
  const values = timeUsed.sorted(nowMs);
  return {
    release,
    fruits: values.length,
    missedDeadlines: values.filter((each) => each > 1).length,
    timeUsed: { p50: rounded(quantile(values, 0.5)), p95: rounded(quantile(values, 0.95)) },
  };
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
