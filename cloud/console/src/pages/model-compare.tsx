import { NativeSelect } from '@mantine/core';
import type { ComparedFigure, ModelComparison, ModelView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { comparisonQuery, modelsQuery } from '../data/queries.ts';
import { formatBytes, formatCount, none } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import form from '../parts/form.module.css';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './page.module.css';

const referenceOf = ({ name, version }: Pick<ModelView, 'name' | 'version'>) => `${name}@${version}`;

/** The version beside any other; the one before it unless chosen. Nothing where there is no other. */
export function Compare({ model }: { readonly model: ModelView }) {
  const models = useQuery(modelsQuery);
  const [chosen, setChosen] = useState<string>();
  const others = (models.data ?? []).filter(({ digest }) => digest !== model.digest);
  const before = others
    .filter(({ name, version }) => name === model.name && version < model.version)
    .toSorted((a, b) => b.version - a.version)[0];
  const names = others.map(referenceOf);
  const other =
    chosen !== undefined && names.includes(chosen) ? chosen : referenceOf(before ?? others[0] ?? model);
  if (others.length === 0) return null;
  return (
    <Panel title="Compared">
      <NativeSelect
        label="With"
        data={names}
        value={other}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <div className={form.below}>
        <Comparison other={other} mine={referenceOf(model)} />
      </div>
    </Panel>
  );
}

function Comparison({ other, mine }: { readonly other: string; readonly mine: string }) {
  const comparison = useQuery(comparisonQuery(other, mine));
  return (
    <Answer query={comparison} height={240}>
      {(data) => <Figures comparison={data} other={other} mine={mine} />}
    </Answer>
  );
}

interface FiguresProps {
  readonly comparison: ModelComparison;
  readonly other: string;
  readonly mine: string;
}

function Figures({ comparison: { figures, settings, notes }, other, mine }: FiguresProps) {
  return (
    <>
      {notes.map((note) => (
        <p key={note}>{note}</p>
      ))}
      <ShowMore items={figures} first={8}>
        {(shown) => (
          <DataTable>
            <thead>
              <tr>
                <th scope="col">Figure</th>
                <th scope="col" className={table.number}>
                  {other}
                </th>
                <th scope="col" className={table.number}>
                  {mine}
                </th>
                <th scope="col" className={table.number}>
                  Difference
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((figure) => (
                <tr key={figure.name}>
                  <th scope="row">{figure.name}</th>
                  <td className={table.number}>{valueText(figure.unit, figure.a)}</td>
                  <td className={table.number}>{valueText(figure.unit, figure.b)}</td>
                  <td className={table.number}>{differenceText(figure)}</td>
                </tr>
              ))}
            </tbody>
          </DataTable>
        )}
      </ShowMore>
      {settings.length > 0 && (
        <ul className={styles.soft}>
          {settings.map(({ name, a, b }) => (
            <li key={name}>
              {name}: {a ?? none} → {b ?? none}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function differenceText({ unit, difference, better }: ComparedFigure): string {
  if (difference === null) return none;
  if (better === 'same') return 'same';
  const sign = difference > 0 ? '+' : difference < 0 ? '−' : '';
  const size = Math.abs(difference);
  const text = unit === 'share' ? `${(size * 100).toFixed(1)} points` : valueText(unit, size);
  const word = better === 'b' ? ' better' : better === 'a' ? ' worse' : '';
  return `${sign}${text}${word}`;
}

function valueText(unit: ComparedFigure['unit'], value: number | null): string {
  if (value === null) return none;
  if (unit === 'share') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'bytes') return formatBytes(value);
  if (unit === 'cost') return value.toFixed(3);
  return unit === 'ms' ? `${value.toFixed(3)} ms` : formatCount(value);
}
