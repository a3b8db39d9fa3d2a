/** A second person must not know what the first said, on whatever way they ask. */
import type { LabelEntry, SampleView } from '@pomona/wire';

/** For `person`; all but the label, as long as a second opinion is wanted that may be theirs. */
export function seenBy(sample: SampleView, person: string): SampleView {
  return isHidden(sample, person) ? { ...sample, label: null } : sample;
}

export function historySeenBy(
  history: readonly LabelEntry[],
  sample: Pick<SampleView, 'review' | 'labelledBy'>,
  person: string,
): LabelEntry[] {
  if (!isHidden(sample, person)) return [...history];
  return history.map((entry) =>
    entry.actor === person
      ? { ...entry, before: null }
      : { ...entry, label: null, before: null, hidden: true },
  );
}

function isHidden(
  { review, labelledBy }: Pick<SampleView, 'review' | 'labelledBy'>,
  person: string,
): boolean {
  return review === 'wanted' && labelledBy !== person;
}
