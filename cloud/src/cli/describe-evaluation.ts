import {
  classBounds,
  counted,
  type Evaluation,
  evaluationBounds,
  fewCasesOf,
  type ModelView,
} from '@pomona/wire';
import { table } from './output.ts';

const worstShown = 5;
const valuesShown = 6;

/** Figures per class, the confusion matrix, gaps between groups and the worst cases, for a terminal. */
export function describeEvaluation({
  evaluation,
  labels,
  errorCost,
  calibration,
}: Pick<ModelView, 'evaluation' | 'labels' | 'errorCost' | 'calibration'>): string {
  const unit =
    evaluation.unit === 'fruit' ? counted(evaluation.groups, 'fruit') : counted(evaluation.images, 'image');
  const intervals = evaluationBounds(evaluation);
  const few = fewCasesOf(evaluation);
  const raw = evaluation.rawEce === undefined ? '' : ` (${share(evaluation.rawEce)} % before calibration)`;
  // A calibration without a test split is judged on what it was fitted to, part by part.
  const how = (calibration?.heldBack ?? 'test') === 'test' ? 'held out   ' : 'cross-fitted';
  return [
    `${how} ${unit}: accuracy ${share(evaluation.accuracy)} %${bounds(intervals.accuracy)}, balanced ${share(evaluation.balancedAccuracy)} %${bounds(intervals.balancedAccuracy)}, ` +
      `macro-F1 ${share(evaluation.macroF1)} %${bounds(intervals.macroF1)}, calibration error ${share(evaluation.ece)} %${raw}`,
    ...(few === undefined ? [] : [`few cases   ${few}`]),
    ...(errorCost === undefined
      ? []
      : [`mistakes    cost ${errorCost.perCase.toFixed(3)} per ${evaluation.unit} on the mean`]),
    '',
    table(
      ['class', 'precision %', 'recall %', 'F1 %', 'ROC AUC', 'PR AUC', 'n'],
      evaluation.perClass.map((row) => {
        const { precision, recall } = classBounds(evaluation, row.label);
        return [
          row.label,
          share(row.precision) + bounds(precision),
          share(row.recall) + bounds(recall),
          share(row.f1),
          area(row.auc),
          area(row.averagePrecision),
          row.support,
        ];
      }),
    ),
    ...describeAbsent(evaluation),
    '',
    table(['truth \\ graded', ...labels], confusionRows(evaluation.confusion, labels)),
    ...describeGaps(evaluation),
    ...describeKnown(evaluation),
    ...describeWorst(evaluation),
  ].join('\n');
}

/** Grades that no image shows are in none of the means. */
function describeAbsent({ perClass }: Evaluation): string[] {
  const absent = perClass.filter(({ support }) => support === 0).map(({ label }) => label);
  return absent.length === 0
    ? []
    : [
        '',
        `absent      nothing here is ${absent.join(' or ')}: balanced and macro are means over the other grades`,
      ];
}

function describeGaps({ byGroup, recallGaps = [] }: Evaluation): string[] {
  const shown = recallGaps.filter(({ by }) => by !== undefined || byGroup.length > 0);
  if (shown.length === 0) return [];
  const words = shown.map(({ label, gap, groups, worst, by }) =>
    gap === null
      ? `${label}${by === undefined ? '' : ` by ${by}`} insufficient data`
      : `${label} ${share(gap)} points between ${groups} ${by === undefined ? 'groups' : `by ${by}`} (worst ${worst})`,
  );
  return ['', `recall gap  ${words.join(', ')}`];
}

/** Of each kind, the values that it does worst on. */
function describeKnown({ byKnown = [] }: Evaluation): string[] {
  return byKnown.map(({ by, groups }) => {
    const worstFirst = groups.toSorted((a, b) => a.accuracy - b.accuracy);
    const words = worstFirst
      .slice(0, valuesShown)
      .map(({ group, accuracy, images }) => `${group} ${share(accuracy)} % of ${counted(images, 'image')}`);
    const more = groups.length > valuesShown ? `, and ${groups.length - valuesShown} more` : '';
    return `${`by ${by}`.padEnd(11)} ${words.join(', ')}${more}`;
  });
}

function describeWorst({ worst = [] }: Evaluation): string[] {
  return worst
    .slice(0, worstShown)
    .map(
      ({ digest, source = digest.slice(0, 12), group, truth, graded, probability }, at) =>
        `${at === 0 ? 'worst       ' : '            '}${truth} graded ${graded}, ${share(probability)} % for the truth: ${source}${source === group ? '' : ` of ${group}`}`,
    );
}

function share(value: number | null): string {
  return value === null ? '-' : (value * 100).toFixed(1);
}

function area(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(3);
}

function bounds(interval: readonly [number, number] | undefined): string {
  return interval === undefined ? '' : ` [${share(interval[0])}–${share(interval[1])}]`;
}

function confusionRows(
  confusion: readonly (readonly number[])[],
  labels: readonly string[],
): (string | number)[][] {
  return labels.map((label, i) => [label, ...(confusion[i] ?? [])]);
}
