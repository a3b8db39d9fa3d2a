import type { Evaluation } from '@pomona/wire';
import { formatCount, formatPercent, none } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import styles from './confusion-matrix.module.css';
import { GradeMark } from './grade-mark.tsx';

interface ConfusionMatrixProps {
  /** In the order of the matrix. */
  readonly labels: readonly string[];
  readonly confusion: Evaluation['confusion'];
  readonly unit: Evaluation['unit'];
  /** What rows and columns are. */
  readonly names?: { readonly row: string; readonly column: string };
}

/** Rows are the truth, columns what the model said, unless `names` says otherwise; a cell's depth is its share of the row. */
export function ConfusionMatrix({
  labels,
  confusion,
  unit,
  names = { row: 'Truth', column: 'Predicted' },
}: ConfusionMatrixProps) {
  const shown = orderGrades(labels);
  const at = (truth: string, predicted: string) =>
    confusion[labels.indexOf(truth)]?.[labels.indexOf(predicted)] ?? 0;
  return (
    <div className={styles.scroll}>
      <table className={styles.matrix}>
        <caption className={styles.caption}>Number of {unit}s, and their share of the row</caption>
        <thead>
          <tr>
            <td rowSpan={2} />
            <th scope="colgroup" colSpan={shown.length} className={styles.axis}>
              {names.column}
            </th>
            <td rowSpan={2} />
          </tr>
          <tr>
            {shown.map((label) => (
              <th key={label} scope="col">
                <GradeMark grade={label} labels={labels} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((truth) => {
            const total = shown.reduce((sum, predicted) => sum + at(truth, predicted), 0);
            return (
              <tr key={truth}>
                <th scope="row">
                  <span className={styles.truth}>{names.row}</span>
                  <GradeMark grade={truth} labels={labels} />
                </th>
                {shown.map((predicted) => {
                  const count = at(truth, predicted);
                  const share = total === 0 ? 0 : count / total;
                  return (
                    <td
                      key={predicted}
                      className={styles.cell}
                      data-right={truth === predicted || undefined}
                      style={{ '--depth': `${Math.round(share * 100)}%` }}
                    >
                      <strong>{formatCount(count)}</strong>
                      <span>{total === 0 ? none : formatPercent(share)}</span>
                    </td>
                  );
                })}
                <td className={styles.total}>{formatCount(total)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
