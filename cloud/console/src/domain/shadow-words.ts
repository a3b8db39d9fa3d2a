import type { RolloutDetail, ShadowFigures } from '@pomona/wire';

/** How far the phase is, in a word or two. */
export function shadowState({ shadow, status }: Pick<RolloutDetail, 'shadow' | 'status'>): string {
  if (shadow === null) return '';
  if (shadow.endedAt !== null) return 'over';
  if (status === 'running') return 'goes on; it decides nothing';
  return status === 'paused' ? 'paused' : 'ended before the canary';
}

/** All stations together, [graded][would be]; undefined before a fruit was compared. */
export function shadowMatrix(
  figures: readonly ShadowFigures[],
): { readonly grades: string[]; readonly counts: number[][] } | undefined {
  const pairs = figures.flatMap((each) => each.pairs);
  if (pairs.length === 0) return undefined;
  const grades = [...new Set(pairs.flatMap(({ champion, candidate }) => [champion, candidate]))];
  const counts = grades.map(() => grades.map(() => 0));
  for (const { champion, candidate, count } of pairs)
    counts[grades.indexOf(champion)]![grades.indexOf(candidate)]! += count;
  return { grades, counts };
}
