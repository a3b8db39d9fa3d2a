import type { Evaluation } from '@pomona/wire';
import { table } from './output.ts';

/** Figures per class and the confusion matrix, for a terminal. */
export function describeEvaluation(evaluation: Evaluation, labels: readonly string[]): string {
  const unit = evaluation.unit === 'fruit' ? `${evaluation.groups} fruits` : `${evaluation.images} images`;
  const share = (value: number | null): string => (value === null ? '-' : (value * 100).toFixed(1));
  return [
    `held out    ${unit}: accuracy ${share(evaluation.accuracy)} %, balanced ${share(evaluation.balancedAccuracy)} %, ` +
      `macro-F1 ${share(evaluation.macroF1)} %, calibration error ${share(evaluation.ece)} %`,
    '',
    table(
      ['class', 'precision %', 'recall %', 'F1 %', 'n'],
      evaluation.perClass.map((row) => [
        row.label,
        share(row.precision),
        share(row.recall),
        share(row.f1),
        row.support,
      ]),
    ),
    '',
    table(['truth \\ graded', ...labels], confusionRows(evaluation.confusion, labels)),
  ].join('\n');
}

function confusionRows(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): (string | number)[][] {
  return labels.map((label, i) => [label, ...(confusion[i] ?? [])]);
}
