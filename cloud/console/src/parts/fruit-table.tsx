import type { StoredFruit } from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import { fruitKey } from '../domain/fold-events.ts';
import { formatClock, formatMs, formatPercent, none } from '../domain/format.ts';
import { gradeStyle, orderGrades } from '../domain/grade-style.ts';
import { DataTable } from './data-table.tsx';
import styles from './fruit-table.module.css';
import { GradeMark } from './grade-mark.tsx';
import table from './table.module.css';

interface FruitTableProps {
  readonly fruits: readonly StoredFruit[];
  readonly rows: number;
  /** `stream`: of all stations, in a narrow place. `station`: of one, with what was seen of the fruit. */
  readonly kind: 'stream' | 'station';
}

/** The last fruits, newest first. */
export function FruitTable({ fruits, rows, kind }: FruitTableProps) {
  const full = kind === 'station';
  return (
    <DataTable className={styles.fruits}>
      <thead>
        <tr>
          {full && <th scope="col">Time</th>}
          <th scope="col">Grade</th>
          <th scope="col">Probability</th>
          <th scope="col" className={table.number}>
            Lane
          </th>
          {full ? <WideHeads /> : <th scope="col">Station</th>}
          <th scope="col" className={table.number}>
            Latency
          </th>
        </tr>
      </thead>
      <tbody>
        {fruits.slice(0, rows).map((fruit) => (
          <tr key={fruitKey(fruit)}>
            {full && <td className={table.close}>{formatClock(fruit.at)}</td>}
            <td className={table.close}>
              <GradeMark grade={fruit.grade} labels={fruit.labels} />
              {fruit.outcome !== 'graded' && <span className={styles.outcome}>{fruit.outcome}</span>}
            </td>
            <td className={table.close}>
              <Probabilities fruit={fruit} wide={full} />
            </td>
            <td className={`${table.close} ${table.number}`}>{fruit.lane}</td>
            {full ? (
              <WideCells fruit={fruit} />
            ) : (
              <td className={table.close}>
                <Link to="/stations/$station" params={{ station: fruit.station }}>
                  {fruit.station}
                </Link>
              </td>
            )}
            <td className={`${table.close} ${table.number}`}>{formatMs(fruit.latencyMs)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

/** All probabilities as one bar, that of the fruit's grade as a figure. */
function Probabilities({ fruit, wide }: { readonly fruit: StoredFruit; readonly wide: boolean }) {
  const own = fruit.probabilities[fruit.labels.indexOf(fruit.grade)];
  if (own === undefined) return <span>{none}</span>;
  const parts = orderGrades(fruit.labels).map((label) => ({
    label,
    probability: fruit.probabilities[fruit.labels.indexOf(label)] ?? 0,
  }));
  const spoken = parts.map(({ label, probability }) => `${label} ${formatPercent(probability)}`).join(', ');
  return (
    <span className={styles.probabilities} title={spoken}>
      <span className={styles.bar} data-wide={wide || undefined} role="img" aria-label={spoken}>
        {parts.map(({ label, probability }) => (
          <span
            key={label}
            style={{ flexGrow: probability, background: `var(${gradeStyle(label, fruit.labels).colour})` }}
          />
        ))}
      </span>
      <span className={styles.own}>{formatPercent(own)}</span>
    </span>
  );
}

function WideHeads() {
  return (
    <>
      <th scope="col" className={table.number}>
        Gate
      </th>
      <th scope="col" className={table.number}>
        Views
      </th>
      <th scope="col" className={table.number}>
        Diameter
      </th>
      <th scope="col">Colour</th>
    </>
  );
}

function WideCells({ fruit }: { readonly fruit: StoredFruit }) {
  const colour = `rgb(${fruit.colour.map((value) => Math.round(value)).join(' ')})`;
  return (
    <>
      <td className={`${table.close} ${table.number}`}>{fruit.gate}</td>
      <td className={`${table.close} ${table.number}`}>{fruit.views}</td>
      <td className={`${table.close} ${table.number}`}>{Math.round(fruit.diameterMm)} mm</td>
      <td className={table.close}>
        <span
          className={styles.swatch}
          role="img"
          aria-label={colour}
          title={colour}
          style={{ background: colour }}
        />
      </td>
    </>
  );
}
