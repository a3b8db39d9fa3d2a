/** What a candidate made of the fruit that the release graded, put together and held against a plan's limits. */
import { counted, type ShadowFigures, type ShadowPlan } from '@pomona/wire';

/** Counts add up; of the times per view the slower candidate's are kept. */
export function addFigures(all: readonly ShadowFigures[]): ShadowFigures | null {
  if (all.length === 0) return null;
  const pairs = new Map<string, ShadowFigures['pairs'][number]>();
  for (const pair of all.flatMap((each) => each.pairs)) {
    const key = `${pair.champion} ${pair.candidate}`;
    pairs.set(key, { ...pair, count: pair.count + (pairs.get(key)?.count ?? 0) });
  }
  const sum = (of: (each: ShadowFigures) => number) => all.reduce((total, each) => total + of(each), 0);
  const times = all.flatMap(({ msPerView }) => msPerView ?? []);
  return {
    fruits: sum(({ fruits }) => fruits),
    skipped: sum(({ skipped }) => skipped),
    views: sum(({ views }) => views),
    pairs: [...pairs.values()],
    msPerView: times.toSorted((a, b) => slowness(b) - slowness(a))[0] ?? null,
  };
}

/** Share of the fruit that both gave the same grade; null without fruit. */
export function agreementOf({ fruits, pairs }: ShadowFigures): number | null {
  if (fruits === 0) return null;
  const same = pairs.filter(({ champion, candidate }) => champion === candidate);
  return same.reduce((sum, { count }) => sum + count, 0) / fruits;
}

/** The first limit that the candidate is beyond at a station, in words. */
export function shadowTrouble(plan: ShadowPlan, figures: ShadowFigures): string | undefined {
  return agreementTrouble(plan, figures) ?? shareTrouble(plan, figures) ?? timeTrouble(plan, figures);
}

function agreementTrouble({ agreementMin }: ShadowPlan, figures: ShadowFigures): string | undefined {
  const agreement = agreementOf(figures);
  if (agreement === null || agreement >= agreementMin) return undefined;
  const worst = figures.pairs
    .filter(({ champion, candidate }) => champion !== candidate)
    .toSorted((a, b) => b.count - a.count)[0]!;
  return `it gave ${percent(agreement)} of ${counted(figures.fruits, 'fruit')} the grade that they got, ${percent(agreementMin)} must; most apart: ${worst.count} that were ${worst.champion} it calls ${worst.candidate}`;
}

function shareTrouble({ gradeShareApart }: ShadowPlan, { fruits, pairs }: ShadowFigures): string | undefined {
  const grades = new Set(pairs.flatMap(({ champion, candidate }) => [champion, candidate]));
  for (const grade of grades) {
    const share = (side: 'champion' | 'candidate') =>
      pairs.filter((pair) => pair[side] === grade).reduce((sum, { count }) => sum + count, 0) / fruits;
    const [is, would] = [share('champion'), share('candidate')];
    if (Math.abs(is - would) > gradeShareApart)
      return `it would call ${percent(would)} of ${counted(fruits, 'fruit')} ${grade}, ${percent(is)} were`;
  }
  return undefined;
}

function timeTrouble({ slowerMax }: ShadowPlan, { msPerView }: ShadowFigures): string | undefined {
  if (
    msPerView === null ||
    slowness({ champion: msPerView.champion * slowerMax, candidate: msPerView.candidate }) <= 1
  )
    return undefined;
  const { champion, candidate } = msPerView;
  return `it needs ${candidate.toFixed(2)} ms for a view, the release that runs ${champion.toFixed(2)} ms; at most ${slowerMax} times as much may be`;
}

function slowness({ champion, candidate }: NonNullable<ShadowFigures['msPerView']>): number {
  return champion > 0 ? candidate / champion : 0;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
