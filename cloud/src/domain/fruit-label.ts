/** The label that a graded fruit had at an instant: it is made of what had been said of its samples until then, and of nothing that came later. */
import type { FeatureRow } from '@pomona/wire';
import type { FeatureSet } from './feature-set.ts';
import { isForSecond, isKeptBack, type Said, type Standing, standingOf } from './label-standing.ts';

export interface LabelledSample {
  /** Until the instant, oldest first. */
  readonly said: readonly Said[];
  /** Whether a second person is to say what they see, as it stands today. */
  readonly wantsSecond: boolean;
}

const keys = ['label', 'labelledAt', 'labelReview'];

/** A set of fruit beside their labels. */
export function withLabels(set: FeatureSet): FeatureSet {
  return { ...set, keys: [...set.keys, ...keys] };
}

/** `hiddenFrom` is whose opinion may be wanted yet: they do not see what the first person said. */
export function fruitLabel(
  fruit: Parameters<typeof isForSecond>[0],
  samples: readonly LabelledSample[],
  hiddenFrom: string | undefined,
): FeatureRow {
  const standings = samples.map(({ said, wantsSecond }) => {
    const standing = standingOf(said, isForSecond(fruit));
    const isHidden = hiddenFrom !== undefined && wantsSecond && standing.label?.by !== hiddenFrom;
    return isHidden ? { ...standing, label: null } : standing;
  });
  const { label, review } = standings.find((each) => isKeptBack(each.review)) ?? latestOf(standings);
  // What two people differ on nobody may learn from.
  const holds = isKeptBack(review) ? null : label;
  return {
    label: holds?.label ?? null,
    labelledAt: holds && new Date(holds.atMs).toISOString(),
    labelReview: review,
  };
}

const unlabelled: Pick<Standing, 'label' | 'review'> = { label: null, review: 'none' };

/** Of two samples of one fruit the later label. */
function latestOf(standings: readonly Standing[]): Pick<Standing, 'label' | 'review'> {
  const [first = unlabelled, ...others] = standings;
  return others.reduce(
    (latest, each) => ((each.label?.atMs ?? -1) >= (latest.label?.atMs ?? -1) ? each : latest),
    first,
  );
}
