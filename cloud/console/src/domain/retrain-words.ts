import type { JobView, RetrainResult } from '@pomona/wire';
import { formatPercent } from './format.ts';

/** What came of a retraining, in a line; undefined of any other job, and of one that has no such result. */
export function retrainWords({ kind, state, result }: JobView): string | undefined {
  if (kind !== 'retrain' || state !== 'done') return undefined;
  // Retrainings before there were rollouts of them kept the release alone.
  const { name, version, accuracy, rollout, notRolledOut } = result as Partial<RetrainResult>;
  if (accuracy === undefined) return undefined;
  const figures = [
    ...(accuracy.base === null ? [] : [`${formatPercent(accuracy.base)} on old fruit`]),
    ...(accuracy.samples === null ? [] : [`${formatPercent(accuracy.samples)} on labelled fruit`]),
  ];
  const end = rollout == null ? `not rolled out: ${notRolledOut}` : `rollout ${rollout}`;
  return [`${name}@${version}`, ...figures, end].join('; ');
}
