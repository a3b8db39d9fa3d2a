import {
  evaluationBounds,
  fewCases,
  fewCasesOf,
  type JobView,
  type LeaveOutReport,
  type MadeVersion,
  type ModelEvaluation,
  shareBounds,
  withComma,
} from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { modelsQuery } from '../data/queries.ts';
import { formatCount, formatCounted, formatPercent, none } from '../domain/format.ts';
import { jobWords } from '../domain/job-words.ts';
import { ConfusionMatrix } from '../parts/confusion-matrix.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Figure, Figures } from '../parts/figure.tsx';
import table from '../parts/table.module.css';
import { ByGroup, boundsNote, FewCases, PerClass } from './model-evaluation.tsx';
import styles from './page.module.css';

/** What came of a job so far: figures of an evaluation, or the version that it made. */
export function JobResult({ job }: { readonly job: JobView }) {
  const result = job.result as ModelEvaluation | LeaveOutReport | MadeVersion | null;
  if (job.error !== null) return <p>{job.error}</p>;
  if (result === null) return <p>{job.endedAt === null ? 'Nothing so far.' : 'Nothing came of it.'}</p>;
  if ('by' in result) return <LeftOut report={result} isOver={job.endedAt !== null} />;
  if ('evaluation' in result) return <Judged result={result} />;
  return <Version job={job} result={result} />;
}

function Judged({ result }: { readonly result: ModelEvaluation }) {
  const { model, labels, dataset, split, evaluation, errorCost, seenImages } = result;
  const intervals = evaluationBounds(evaluation);
  return (
    <div className={styles.stack}>
      <p>
        {model.name}@{model.version} on {formatCounted(evaluation.images, 'image')} of {dataset.name} (
        {split === 'all' ? 'all splits' : `split ${split}`}). {seenWords(seenImages)}
      </p>
      <FewCases evaluation={evaluation} />
      <Figures>
        <Figure
          label="Accuracy"
          value={formatPercent(evaluation.accuracy)}
          {...boundsNote(intervals.accuracy)}
        />
        <Figure
          label="Macro-F1"
          value={formatPercent(evaluation.macroF1)}
          {...boundsNote(intervals.macroF1)}
        />
        <Figure label="Calibration error (ECE)" value={formatPercent(evaluation.ece)} />
        {errorCost !== undefined && <Figure label="Cost of mistakes" value={errorCost.perCase.toFixed(3)} />}
      </Figures>
      <ConfusionMatrix labels={labels} confusion={evaluation.confusion} unit={evaluation.unit} />
      <PerClass evaluation={evaluation} labels={labels} />
      <ByGroup evaluation={evaluation} />
    </div>
  );
}

function seenWords(seen: number | null): string {
  if (seen === null) return 'Which of them it learned from is not known here any more.';
  return seen === 0
    ? 'It learned from none of them.'
    : `It learned from ${formatCount(seen)} of them, which flatters.`;
}

interface LeftOutProps {
  readonly report: LeaveOutReport;
  readonly isOver: boolean;
}

function LeftOut({ report, isOver }: LeftOutProps) {
  const { by, dataset, folds, notHeldOut, unknownImages, pooled } = report;
  const bounds = shareBounds(pooled.accuracy, pooled.cases, pooled.accuracyInterval);
  const few = fewCases(pooled.cases, 'case');
  return (
    <div className={styles.stack}>
      <p>
        {formatCounted(folds.length, 'training')} on {dataset.name}
        {isOver ? '' : ' so far'}, each without one {by}, judged on what it had not seen:{' '}
        {pooled.accuracy === null ? 'nothing was judged' : `${formatPercent(pooled.accuracy)} right`}
        {bounds !== undefined && ` (95 %: ${bounds.map(formatPercent).join(' to ')})`}
        {withComma(few)}.
        {unknownImages > 0 && ` Of ${formatCounted(unknownImages, 'image')} nobody said the ${by}.`}
      </p>
      <DataTable>
        <thead>
          <tr>
            <th scope="col">Without {by}</th>
            <th scope="col" className={table.number}>
              Images
            </th>
            <th scope="col" className={table.number}>
              Right
            </th>
            {folds[0]?.perClass.map(({ label }) => (
              <th key={label} scope="col" className={table.number}>
                Found of {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {folds
            .toSorted((a, b) => a.accuracy - b.accuracy)
            .map(({ value, images, accuracy, accuracyInterval, perClass }) => (
              <tr key={value}>
                <th scope="row">{value}</th>
                <td className={table.number}>{formatCount(images)}</td>
                <td className={table.number}>{withBounds(accuracy, casesIn(perClass), accuracyInterval)}</td>
                {perClass.map(({ label, recall, cases, recallInterval }) => (
                  <td key={label} className={table.number}>
                    {withBounds(recall, cases, recallInterval)}
                  </td>
                ))}
              </tr>
            ))}
        </tbody>
      </DataTable>
      {notHeldOut.length > 0 && (
        <p className={styles.soft}>
          Not left out: {notHeldOut.map(({ value, why }) => `${value} (${why})`).join('; ')}.
        </p>
      )}
    </div>
  );
}

function casesIn(perClass: LeaveOutReport['folds'][number]['perClass']): number {
  return perClass.reduce((sum, { cases }) => sum + cases, 0);
}

function withBounds(share: number | null, cases: number, drawn: readonly [number, number] | null): string {
  if (share === null) return none;
  const bounds = shareBounds(share, cases, drawn);
  return bounds === undefined
    ? formatPercent(share)
    : `${formatPercent(share)} (${bounds.map(formatPercent).join(' to ')})`;
}

function Version({ job, result }: { readonly job: JobView; readonly result: MadeVersion }) {
  const models = useQuery(modelsQuery).data ?? [];
  const model = models.find(({ name, version }) => name === result.name && version === result.version);
  const few = model && fewCasesOf(model.evaluation);
  return (
    <>
      <p>{jobWords(job)}</p>
      {model !== undefined && (
        <p>
          <Link to="/models/$name/$version" params={{ name: model.name, version: String(model.version) }}>
            Open {model.name}@{model.version}
          </Link>
          : {formatPercent(model.evaluation.accuracy)} right, macro-F1{' '}
          {formatPercent(model.evaluation.macroF1)}
          {model.calibration !== undefined &&
            `; before it ${formatPercent(model.calibration.before.accuracy)} right on the same`}
          {withComma(few)}.
        </p>
      )}
    </>
  );
}
