import { dryRunGrades, type RecipeDryRun } from '@pomona/wire';
import { formatCount, formatCounted, formatDateTime, formatPercent, none } from '../domain/format.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Figure, Figures } from '../parts/figure.tsx';
import form from '../parts/form.module.css';
import { GradeMark } from '../parts/grade-mark.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './page.module.css';

/** What stored fruit would have got by another recipe. */
export function DryRunResult({ found }: { readonly found: RecipeDryRun }) {
  const { judged, changed, changedShare, gateChanged, unmeasured, unfit, undecided, examples } = found;
  const apart = [
    ...(unmeasured.fruits > 0
      ? [
          `${formatCounted(unmeasured.fruits, 'fruit')} without what it asks for (${unmeasured.figures.map(({ figure }) => figure).join(', ')})`,
        ]
      : []),
    ...(unfit.fruits > 0 ? [`${formatCounted(unfit.fruits, 'fruit')} of labels that it does not fit`] : []),
    ...(undecided > 0 ? [`${formatCounted(undecided, 'fruit')} that came late or passed a paused line`] : []),
    ...(found.isCut ? ['there are more fruits than were read'] : []),
  ];
  return (
    <div className={`${styles.stack} ${form.below}`}>
      <Figures>
        <Figure
          label="Another grade"
          value={changedShare === null ? none : formatPercent(changedShare)}
          note={`${formatCount(changed)} of ${formatCount(judged)}`}
          size="large"
        />
        <Figure label="Another gate" value={formatCount(gateChanged)} note="fruits" size="large" />
      </Figures>
      <p className={styles.soft}>
        {formatCounted(found.fruits, 'fruit')}, {formatDateTime(found.since)} to {formatDateTime(found.until)}
        .{apart.length > 0 && ` Not judged: ${apart.join('; ')}.`}
      </p>
      {judged > 0 && <Moves found={found} />}
      {examples.length > 0 && <Examples examples={examples} />}
    </div>
  );
}

function Moves({ found }: { readonly found: RecipeDryRun }) {
  const { confusion, rules } = found;
  const { before, after } = dryRunGrades(found);
  const count = (from: string, to: string) =>
    confusion.find((row) => row.before === from && row.after === to)?.fruits ?? 0;
  return (
    <div className={styles.half}>
      <DataTable>
        <thead>
          <tr>
            <th scope="col">Was</th>
            {after.map((grade) => (
              <th key={grade} scope="col" className={table.number}>
                would be {grade}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {before.map((from) => (
            <tr key={from}>
              <th scope="row">
                <GradeMark grade={from} labels={before} />
              </th>
              {after.map((to) => (
                <td key={to} className={table.number}>
                  {formatCount(count(from, to))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </DataTable>
      {rules.length > 0 && (
        <DataTable>
          <thead>
            <tr>
              <th scope="col">Rule</th>
              <th scope="col" className={table.number}>
                Decided
              </th>
            </tr>
          </thead>
          <tbody>
            {rules.map(({ rule, fruits }) => (
              <tr key={rule}>
                <th scope="row">{rule}</th>
                <td className={table.number}>{formatCount(fruits)}</td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </div>
  );
}

function Examples({ examples }: { readonly examples: RecipeDryRun['examples'] }) {
  return (
    <ShowMore items={examples} first={6}>
      {(shown) => (
        <DataTable>
          <thead>
            <tr>
              <th scope="col">For example</th>
              <th scope="col">Was</th>
              <th scope="col">Would be</th>
              <th scope="col">Decided by</th>
              <th scope="col" className={table.number}>
                Diameter
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ station, boot, seq, at, before, after, decidedBy, diameterMm }) => (
              <tr key={`${station}/${boot}/${seq}`}>
                <th scope="row">
                  {station} <span className={table.soft}>{formatDateTime(at)}</span>
                </th>
                <td>{before}</td>
                <td>{after}</td>
                <td>{decidedBy}</td>
                <td className={table.number}>{Math.round(diameterMm)} mm</td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </ShowMore>
  );
}
