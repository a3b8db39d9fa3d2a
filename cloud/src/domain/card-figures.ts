/** What a version can do, as its card says it. In brackets are intervals of 95 %. */
import {
  classBounds,
  counted,
  type Evaluation,
  evaluationBounds,
  fewCasesOf,
  type ModelCalibration,
  type ModelView,
} from '@pomona/wire';
import type { CardChart } from './card-chart.ts';
import type { CardBlock } from './card-document.ts';

const groupsShown = 10;

/** What the cases of the evaluation were held back from; a calibration without a test split judges what it was fitted to. */
const heldBackFrom: Readonly<Record<ModelCalibration['heldBack'], string>> = {
  test: 'that training never saw',
  groups: 'that the network never saw, each group judged by a calibration on the others',
  images: 'that the network never saw, each image judged by a calibration on others of the same groups',
};

function heldBackOf(calibration: ModelCalibration | undefined): string {
  const { heldBack = 'test', seenJudged = 0 } = calibration ?? {};
  if (seenJudged === null) return 'of which it is not known whether the network learned from them';
  return seenJudged === 0
    ? heldBackFrom[heldBack]
    : `of photographs of which the network had learned from ${seenJudged}: it will do worse on new ones`;
}

export function figures({
  evaluation,
  calibration,
  errorCost,
  labels,
  variants = [],
  heldAgainst = [],
}: ModelView): CardBlock[] {
  const { unit, images, groups, rawEce } = evaluation;
  const intervals = evaluationBounds(evaluation);
  const few = fewCasesOf(evaluation);
  const before = rawEce === undefined ? '' : `, ${percent(rawEce)} before calibration`;
  return [
    { kind: 'heading', text: 'Figures' },
    {
      kind: 'text',
      text: `Measured on ${counted(images, 'image')} of ${counted(groups, 'group')} ${heldBackOf(calibration)}. One case is one ${unit}.${few === undefined ? '' : ` These figures are ${few}.`}`,
    },
    {
      kind: 'facts',
      facts: [
        ['accuracy', percent(evaluation.accuracy) + bounds(intervals.accuracy)],
        ['balanced accuracy', percent(evaluation.balancedAccuracy) + bounds(intervals.balancedAccuracy)],
        ['macro-F1', percent(evaluation.macroF1) + bounds(intervals.macroF1)],
        ['calibration error (ECE)', percent(evaluation.ece) + before],
        ...(errorCost === undefined
          ? []
          : [[`cost of mistakes per ${unit}`, errorCost.perCase.toFixed(3)] as const]),
      ],
    },
    {
      kind: 'table',
      head: ['grade', 'precision', 'recall', 'F1', 'ROC area', 'PR area', 'cases'],
      rows: evaluation.perClass.map((row) => {
        const { precision, recall } = classBounds(evaluation, row.label);
        return [
          row.label,
          percent(row.precision) + bounds(precision),
          percent(row.recall) + bounds(recall),
          ...[percent(row.f1), area(row.auc), area(row.averagePrecision), String(row.support)],
        ];
      }),
    },
    {
      kind: 'table',
      head: ['truth \\ graded', ...labels],
      rows: evaluation.confusion.map((counts, row) => [labels[row]!, ...counts.map(String)]),
    },
    { kind: 'curves', charts: chartsOf(evaluation) },
    {
      kind: 'table',
      head: ['variant', 'bytes', 'ms per view', 'accuracy', 'says as fp32', 'ECE'],
      rows: variants.map(({ name, bytes, msPerView, accuracy, agreement, ece }) => [
        name,
        String(bytes),
        msPerView.toFixed(3),
        percent(accuracy),
        percent(agreement),
        percent(ece),
      ]),
    },
    groupTable('group', evaluation.byGroup),
    ...(evaluation.byKnown ?? []).map(({ by, groups: values }) => groupTable(by, values)),
    {
      kind: 'table',
      head: ['on the same cases', 'images', 'cases', 'accuracy', 'its accuracy'],
      rows: heldAgainst.flatMap(({ model, byOrigin }) =>
        byOrigin.map(({ origin, cases, accuracy, theirAccuracy }) => [
          ...[`${model.name}@${model.version}`, origin, String(cases)],
          ...[percent(accuracy), percent(theirAccuracy)],
        ]),
      ),
    },
  ];
}

function groupTable(by: string, groups: ModelView['evaluation']['byGroup']): CardBlock {
  const worst = groups.toSorted((a, b) => a.accuracy - b.accuracy).slice(0, groupsShown);
  return {
    kind: 'table',
    head: [`${by}, worst first`, 'images', 'accuracy'],
    rows: worst.map(({ group, images, accuracy }) => [group, String(images), percent(accuracy)]),
  };
}

function chartsOf({ perClass }: Evaluation): CardChart[] {
  const known = perClass.flatMap(({ label: name, curves }) => (curves ? [{ name, curves }] : []));
  if (known.length === 0) return [];
  return [
    {
      ...{ title: 'ROC', across: 'others taken for it', up: 'found' },
      lines: known.map(({ name, curves }) => ({ name, points: curves.roc })),
    },
    {
      ...{ title: 'Precision and recall', across: 'recall', up: 'precision' },
      lines: known.map(({ name, curves }) => ({ name, points: curves.pr })),
    },
  ];
}

function area(value: number | null | undefined): string {
  return value === null || value === undefined ? '-' : value.toFixed(3);
}

function bounds(interval: readonly [number, number] | undefined): string {
  return interval === undefined ? '' : ` (${percent(interval[0])} to ${percent(interval[1])})`;
}

export function percent(share: number | null): string {
  return share === null ? '-' : `${(share * 100).toFixed(1)} %`;
}
