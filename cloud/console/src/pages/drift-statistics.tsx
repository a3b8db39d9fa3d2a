import { Button } from '@mantine/core';
import type { DriftDetail, DriftFigure } from '@pomona/wire';
import { bestShareOf, middleOf } from '../domain/drift-columns.ts';
import { statisticWords, timesLimit } from '../domain/drift-words.ts';
import { none } from '../domain/format.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import styles from './drift-page.module.css';

interface DriftStatisticsProps {
  readonly detail: DriftDetail;
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}

/** What is counted of every fruit: the middle value of the baseline beside that of the newest window. */
export function DriftStatistics({ detail: { bins, windows }, chosen, onChoose }: DriftStatisticsProps) {
  const figures = windows.at(-1)?.statistics ?? [];
  return (
    <Panel title="What is compared" note="middle values; choose one for its chart">
      <DataTable>
        <thead>
          <tr>
            <th scope="col">Of the fruit</th>
            <th scope="col" className={table.number}>
              Usual
            </th>
            <th scope="col" className={table.number}>
              Now
            </th>
            <th scope="col">Difference</th>
          </tr>
        </thead>
        <tbody>
          {figures.map((figure) => {
            const row = bins.find(({ name }) => name === figure.name);
            const { name, of, format } = statisticWords(figure.name);
            const middle = (counts: readonly number[]) =>
              (row && (bestShareOf(row.grades, counts) ?? middleOf(row.edges, counts, format))) ?? none;
            return (
              <tr key={figure.name} aria-current={figure.name === chosen ? 'true' : undefined}>
                <th scope="row">
                  <Button
                    className={styles.choose}
                    size="compact-sm"
                    variant="subtle"
                    onClick={() => onChoose(figure.name)}
                    aria-pressed={figure.name === chosen}
                  >
                    {name}
                  </Button>
                  <span className={table.soft}>{of}</span>
                </th>
                <td className={table.number}>{middle(row?.baseline ?? [])}</td>
                <td className={table.number}>{middle(figure.counts)}</td>
                <td className={styles.difference}>
                  <Difference figure={figure} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </DataTable>
    </Panel>
  );
}

function Difference({ figure }: { readonly figure: DriftFigure }) {
  const times = timesLimit(figure);
  if (times === null) return <>not judged yet</>;
  if (figure.beyond) return <span className={table.warn}>{times.toFixed(times < 10 ? 1 : 0)} × limit</span>;
  return <>within limit</>;
}
