import {
  counted,
  fewCases,
  type LeaveOutReport,
  type ModelEvaluation,
  shareBounds,
  withComma,
} from '@pomona/wire';
import { describeEvaluation } from './describe-evaluation.ts';
import { table } from './output.ts';

export function describeModelEvaluation({
  model,
  dataset,
  split,
  labels,
  evaluation,
  errorCost,
  seenImages,
}: ModelEvaluation): string {
  const seen = {
    none: 'whether it learned from some of them is not known: its own dataset version is not here any more',
    some: `it learned from ${seenImages} of these images, or was fitted to them: its figures on new ones will be lower`,
  };
  return [
    `${model.name}@${model.version} on ${split === 'all' ? 'all images' : `the ${split} split`} of ${dataset.name}@${dataset.digest.slice(0, 12)}`,
    ...(seenImages === null ? [seen.none] : seenImages > 0 ? [seen.some] : []),
    describeEvaluation({
      evaluation,
      labels: [...labels],
      ...(errorCost === undefined ? {} : { errorCost }),
    }),
  ].join('\n');
}

/** Recall by held-out value, what all of it comes to, and the gaps. */
export function describeLeaveOut({
  by,
  folds,
  notHeldOut,
  unknownImages,
  pooled,
  recallGaps,
}: LeaveOutReport): string {
  const labels = recallGaps.map(({ label }) => label);
  const few = fewCases(pooled.cases, 'case');
  return [
    table(
      [by, 'images', 'groups', 'accuracy %', ...labels.map((label) => `recall of ${label} %`), 'run'],
      folds.map((fold) => [
        ...[fold.value, fold.images, fold.groups, share(fold.accuracy) + ofCases(fold)],
        ...fold.perClass.map(({ recall, cases, recallInterval }) =>
          recall === null
            ? '-'
            : `${share(recall)}${bounds(shareBounds(recall, cases, recallInterval))} of ${cases}`,
        ),
        `${fold.run ?? '-'}${fold.reused ? ' (before)' : ''}`,
      ]),
    ),
    '',
    `all of these  ${counted(pooled.cases, 'case')}: accuracy ${share(pooled.accuracy)} %${bounds(shareBounds(pooled.accuracy, pooled.cases, pooled.accuracyInterval))}, balanced ${share(pooled.balancedAccuracy)} %${withComma(few)}`,
    `recall gap    ${recallGaps.map(gapWords).join(', ')}`,
    ...notHeldOut
      .slice(0, 12)
      .map(({ value, images, why }) => `not held out  ${value} (${counted(images, 'image')}): ${why}`),
    ...(notHeldOut.length > 12 ? [`              and ${notHeldOut.length - 12} more`] : []),
    ...(unknownImages === 0
      ? []
      : [`not known     of ${counted(unknownImages, 'image')}; every training learned from them`]),
  ].join('\n');
}

function gapWords({ label, gap, groups, worst }: LeaveOutReport['recallGaps'][number]): string {
  return gap === null
    ? `${label} insufficient data`
    : `${label} ${share(gap)} points between ${groups} (worst ${worst})`;
}

/** Of a value that was held out; its cases are what its grades have together. */
function ofCases({ accuracy, accuracyInterval, perClass }: LeaveOutReport['folds'][number]): string {
  const cases = perClass.reduce((sum, each) => sum + each.cases, 0);
  return bounds(shareBounds(accuracy, cases, accuracyInterval));
}

function share(value: number | null): string {
  return value === null ? '-' : (value * 100).toFixed(1);
}

function bounds(interval: readonly [number, number] | undefined): string {
  return interval === undefined ? '' : ` [${share(interval[0])}–${share(interval[1])}]`;
}
