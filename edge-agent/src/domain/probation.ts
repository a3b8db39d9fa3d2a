/**
 * Has a release stood its time of proof? Judged by what the line counted since it began to run: a release that takes the
 * grading worker down, makes it hang or gives figures that are no numbers fails at once, one that is late or blind by its
 * share. One that answers or keeps up far worse than the release before it does on the same line fails as well (`compareConduct`).
 */
import { counted } from '@pomona/wire';
import { type Conduct, compareConduct } from './conduct.ts';

/** Of the release that the line runs, since it began to. */
export interface ProofFigures extends ReleaseFigures {
  /** How often the grading worker ended by itself. A failed inference ends it. */
  readonly crashes: number;
  /** How often it had to be ended since it answered nothing or did not finish a frame. */
  readonly hangs: number;
  /** Of the release that this line ran before it, at its end; not there after a start of the agent. */
  readonly before?: ReleaseFigures | undefined;
}

/** Of the fruit that was first seen while the release graded. Counted anew by a worker that was started again. */
export interface ReleaseFigures {
  /** That were graded to their end while it was the one for new fruit, with fruit on them or not. */
  readonly frames: number;
  readonly fruits: number;
  readonly missedDeadlines: number;
  /** Fruits that got the default grade because too few of their views were usable. */
  readonly unseen: number;
  /** Views whose probabilities were no numbers. */
  readonly unusableViews: number;
  /** Left out where nothing is there to compare. */
  readonly conduct?: Conduct;
}

export interface ProbationRules {
  /** On an empty belt the time alone proves it, as long as the line looks at the belt. */
  readonly soakS: number;
  /** So many fruits graded in time prove it earlier. */
  readonly fruits: number;
  readonly missedShareMax: number;
  readonly unseenShareMax: number;
}

export type Proof =
  | { readonly kind: 'open' }
  | { readonly kind: 'proved' }
  | { readonly kind: 'disproved'; readonly reason: string };

/** Fewer fruits say nothing about a share. */
const fruitsForShare = 10;
/** So many times its time a release may be kept waiting for proof by a suspicion that too little fruit comes to settle. */
const soaksOfSuspicion = 5;

/** `watchedMs`: how long it has graded frames. */
export function judgeProbation(rules: ProbationRules, figures: ProofFigures, watchedMs: number): Proof {
  const { crashes, hangs, fruits, missedDeadlines, unseen, unusableViews } = figures;
  if (crashes > 0) return disproved('the grading worker ended while it ran');
  if (hangs > 0) return disproved('the grading worker hung while it ran');
  if (unusableViews > 0)
    return disproved(`it gave figures that are no numbers for ${counted(unusableViews, 'view')}`);
  if (fruits >= fruitsForShare) {
    const missed = missedDeadlines / fruits;
    if (missed > rules.missedShareMax)
      return disproved(
        `${percent(missed)} of ${fruits} fruits were late, ${percent(rules.missedShareMax)} may be`,
      );
    const blind = unseen / fruits;
    if (blind > rules.unseenShareMax)
      return disproved(
        `${percent(blind)} of ${fruits} fruits were not seen well, ${percent(rules.unseenShareMax)} may be`,
      );
  }
  const suspicion = compareConduct(figures, figures.before);
  if (suspicion?.sure) return disproved(suspicion.reason);
  const soakMs = rules.soakS * 1_000;
  if (suspicion !== undefined && watchedMs < soakMs * soaksOfSuspicion) return { kind: 'open' };
  const inTime = fruits - missedDeadlines - unseen;
  return { kind: inTime >= rules.fruits || watchedMs >= soakMs ? 'proved' : 'open' };
}

function disproved(reason: string): Proof {
  return { kind: 'disproved', reason };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
