import { classBounds, type Evaluation, fewCasesOf, type ModelCalibration } from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import { formatCount, formatCounted, formatPercent, none } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './page.module.css';

interface EvaluationProps {
  readonly evaluation: Evaluation;
  readonly labels: readonly string[];
}

type Bounds = readonly [number, number];

/** For a figure; nothing where a version is from before there were bounds. */
export function boundsNote(bounds: Bounds | undefined): { readonly note?: string } {
  return bounds === undefined ? {} : { note: `95 %: ${range(bounds)}` };
}

function range([low, high]: Bounds): string {
  return `${formatPercent(low)} to ${formatPercent(high)}`;
}

function share(value: number | null): string {
  return value === null ? none : formatPercent(value);
}

function area(value: number | null | undefined): string {
  return value === null || value === undefined ? none : value.toFixed(3);
}

/** Whoever reads the figures must know that there are few cases behind them. */
export function FewCases({ evaluation }: { readonly evaluation: Evaluation }) {
  const few = fewCasesOf(evaluation);
  return few === undefined ? null : (
    <Notice tone="warn" title={`These figures are ${few}`}>
      With more of them they may turn out far lower or higher.
    </Notice>
  );
}

export function PerClass({ evaluation, labels }: EvaluationProps) {
  const byLabel = new Map(evaluation.perClass.map((metrics) => [metrics.label, metrics]));
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Grade</th>
          <th scope="col" className={table.number} title="Of those given this grade, how many have it">
            Precision
          </th>
          <th
            scope="col"
            className={table.number}
            title="Of those that have this grade, how many were given it"
          >
            Recall
          </th>
          <th scope="col" className={table.number}>
            F1
          </th>
          <th
            scope="col"
            className={table.number}
            title="How often a fruit of this grade is found likelier to be of it than one of another grade"
          >
            ROC AUC
          </th>
          <th scope="col" className={table.number} title="Mean precision over all limits">
            PR AUC
          </th>
          <th scope="col" className={table.number}>
            Cases
          </th>
        </tr>
      </thead>
      <tbody>
        {orderGrades(byLabel.keys()).map((label) => {
          const metrics = byLabel.get(label)!;
          const bounds = classBounds(evaluation, label);
          return (
            <tr key={label}>
              <th scope="row">
                <GradeMark grade={label} labels={labels} />
              </th>
              <td className={table.number}>
                <Bounded value={metrics.precision} bounds={bounds.precision} />
              </td>
              <td className={table.number}>
                <Bounded value={metrics.recall} bounds={bounds.recall} />
              </td>
              <td className={table.number}>{share(metrics.f1)}</td>
              <td className={table.number}>{area(metrics.auc)}</td>
              <td className={table.number}>{area(metrics.averagePrecision)}</td>
              <td className={table.number}>{formatCount(metrics.support)}</td>
            </tr>
          );
        })}
      </tbody>
    </DataTable>
  );
}

function Bounded({ value, bounds }: { readonly value: number | null; readonly bounds: Bounds | undefined }) {
  if (bounds === undefined) return share(value);
  const [low, high] = bounds.map((each) => Math.round(each * 100));
  return (
    <span title={`95 %: ${range(bounds)}`}>
      {share(value)}
      <br />
      <small>
        {low}–{high}
      </small>
    </span>
  );
}

export function ByGroup({ evaluation }: { readonly evaluation: Evaluation }) {
  const { byGroup, byKnown = [] } = evaluation;
  if (byGroup.length + byKnown.length === 0) return <p>Not told apart in this evaluation.</p>;
  return (
    <>
      <RecallGaps evaluation={evaluation} />
      {byGroup.length > 0 && <GroupTable by="group" groups={byGroup} />}
      {byKnown.map(({ by, groups }) => (
        <GroupTable key={by} {...{ by, groups }} />
      ))}
    </>
  );
}

function GroupTable({ by, groups }: { readonly by: string; readonly groups: Evaluation['byGroup'] }) {
  const worstFirst = groups.toSorted((a, b) => a.accuracy - b.accuracy || b.images - a.images);
  return (
    <ShowMore items={worstFirst} first={6}>
      {(shown) => (
        <DataTable>
          <thead>
            <tr>
              <th scope="col">{by[0]?.toUpperCase() + by.slice(1)}</th>
              <th scope="col" className={table.number}>
                Images
              </th>
              <th scope="col" className={table.number}>
                Accuracy
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ group, images, accuracy }) => (
              <tr key={group}>
                <td className={styles.mono}>{group}</td>
                <td className={table.number}>{formatCount(images)}</td>
                <td className={table.number}>{formatPercent(accuracy)}</td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </ShowMore>
  );
}

function RecallGaps({ evaluation: { recallGaps } }: { readonly evaluation: Evaluation }) {
  if (recallGaps === undefined) return null;
  const words = recallGaps.map(({ label, gap, worst, by }) => {
    const what = by === undefined ? label : `${label} by ${by}`;
    return gap === null ? `${what} not enough data` : `${what} ${formatPercent(gap)}, worst in ${worst}`;
  });
  return <p>Gap of recall between groups: {words.join('; ')}.</p>;
}

const judgedOn: Readonly<Record<ModelCalibration['heldBack'], string>> = {
  test: 'the test split',
  groups: 'each group by numbers that were fitted to the others',
  images: 'each image by numbers that were fitted to others of the same groups: new groups may do worse',
};

export function Calibrated({
  calibration,
  labels,
}: {
  readonly calibration: ModelCalibration;
  readonly labels: readonly string[];
}) {
  const {
    dataset,
    images,
    groups,
    scale,
    shift,
    heldBack,
    before,
    seenImages = 0,
    seenJudged = 0,
  } = calibration;
  const shifts = labels.map((label, at) => `${label} ${(shift[at] ?? 0).toFixed(3)}`).join(', ');
  return (
    <Facts
      facts={[
        [
          'Photographs',
          <Link
            key="dataset"
            to="/datasets/$name/$digest"
            params={{ name: dataset.name, digest: dataset.digest }}
          >
            {dataset.name}
          </Link>,
        ],
        ['Fitted to', `${formatCounted(images, 'image')} of ${formatCounted(groups, 'group')}`],
        ...(seenImages === 0
          ? []
          : [
              [
                'Learned from',
                seenImages === null
                  ? 'not known'
                  : `${formatCount(seenImages)} of these photographs before: ${
                      seenJudged === 0 ? 'none of them judges it' : 'it will do worse on new ones'
                    }`,
              ] as const,
            ]),
        ['Scale', scale.toFixed(3)],
        ['Shift', shifts],
        ['Judged on', judgedOn[heldBack]],
        [
          'Before',
          `accuracy ${formatPercent(before.accuracy)}, balanced ${formatPercent(before.balancedAccuracy)}, calibration error ${formatPercent(before.ece)}`,
        ],
      ]}
    />
  );
}
