import type { Evaluation, RetrainResult } from '@pomona/wire';

/** Accuracy on the test split, of what the base version had and of the fruit that was labelled, apart. */
export function retrainedAccuracy({
  accuracy,
  byGroup,
}: Pick<Evaluation, 'accuracy' | 'byGroup'>): RetrainResult['accuracy'] {
  // Where cases are fruit, the evaluation has no groups when none of the labelled fruit is in the test split.
  if (byGroup.length === 0) return { base: accuracy, samples: null };
  return {
    base: meanOf(byGroup.filter(({ group }) => !isSample(group))),
    samples: meanOf(byGroup.filter(({ group }) => isSample(group))),
  };
}

/** Where cases are fruit they are counted together; where they are photographs each fruit is a group, named as when it was frozen. */
function isSample(group: string): boolean {
  return group === 'samples' || group.startsWith('sample/');
}

function meanOf(groups: Evaluation['byGroup']): number | null {
  const images = groups.reduce((sum, group) => sum + group.images, 0);
  if (images === 0) return null;
  return groups.reduce((sum, group) => sum + group.images * group.accuracy, 0) / images;
}
