import { Button, NativeSelect } from '@mantine/core';
import type { ComparedRunValue, JobView, TrainingRunSummary } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { jobsQuery, runComparisonQuery, runsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime, formatPercent, none, shortDigest } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Digest } from '../parts/digest.tsx';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import own from './training-page.module.css';

/** Every run of the training program, two of them side by side, and a button that does one again. */
export function TrainingRuns() {
  const runs = useQuery(runsQuery);
  return (
    <Answer query={runs} height={200}>
      {(data) =>
        data.length === 0 ? null : (
          <>
            <Panel
              title="Runs"
              note="also trials of tuning, and what failed; an equal digest is an equal result"
            >
              <RunTable runs={data} />
            </Panel>
            {data.filter(isOver).length > 1 && (
              <Panel title="Two runs compared" note="what differs, and all figures">
                <Compare runs={data.filter(isOver)} />
              </Panel>
            )}
          </>
        )
      }
    </Answer>
  );
}

/** What runs may still change, and says little beside another. */
const isOver = ({ state }: TrainingRunSummary): boolean => state !== 'running';

function RunTable({ runs }: { readonly runs: readonly TrainingRunSummary[] }) {
  const client = useQueryClient();
  const { lacks } = useRole();
  const lack = lacks('operator');
  const reproduce = useMutation({
    mutationFn: (id: number) => sendJson<JobView>('POST', `/v1/training-runs/${id}/reproduce`),
    onSuccess: () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
  });
  return (
    <>
      <ShowMore items={runs} first={8}>
        {(shown) => (
          <DataTable>
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">State</th>
                <th scope="col">Started</th>
                <th scope="col">Dataset</th>
                <th scope="col" className={table.number}>
                  Macro-F1
                </th>
                <th scope="col">Model</th>
                <th scope="col">Result</th>
                <th scope="col">Again</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((run) => (
                <tr key={run.id}>
                  <th scope="row">{nameOf(run)}</th>
                  <td title={run.error ?? undefined}>{run.state}</td>
                  <td className={table.whole}>{formatDateTime(run.startedAt)}</td>
                  <td>
                    {run.dataset.name} {shortDigest(run.dataset.digest)}
                  </td>
                  <td className={table.number}>{run.macroF1 === null ? none : formatPercent(run.macroF1)}</td>
                  <td>{run.model === null ? none : `${run.model.name}@${run.model.version}`}</td>
                  <td>{run.digest === null ? none : <Digest digest={run.digest} />}</td>
                  <td>
                    <Button
                      className={own.inRow}
                      size="compact-sm"
                      variant="default"
                      disabled={lack !== undefined || run.state === 'running' || run.state === 'cancelled'}
                      title={lack ?? 'Train again from the record; the job says whether it came to the same'}
                      aria-label={`Reproduce run ${run.id}`}
                      onClick={() => reproduce.mutate(run.id)}
                    >
                      Reproduce
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </DataTable>
        )}
      </ShowMore>
      <Failure error={reproduce.error} />
    </>
  );
}

function Compare({ runs }: { readonly runs: readonly TrainingRunSummary[] }) {
  const [chosen, setChosen] = useState<readonly [number?, number?]>([]);
  const a = chosen[0] ?? runs[1]!.id;
  const b = chosen[1] ?? runs[0]!.id;
  const comparison = useQuery(runComparisonQuery(a, b));
  const data = runs.map((run) => ({ value: `${run.id}`, label: nameOf(run) }));
  return (
    <>
      <div className={form.fields}>
        <NativeSelect
          label="Run"
          data={data}
          value={a}
          onChange={(event) => setChosen([Number(event.currentTarget.value), b])}
        />
        <NativeSelect
          label="With"
          data={data}
          value={b}
          onChange={(event) => setChosen([a, Number(event.currentTarget.value)])}
        />
      </div>
      <Answer query={comparison} height={200}>
        {({ rows, same, curvesPartAt }) => (
          <>
            <p className={form.below}>
              {same ? 'Both came to the same.' : 'They did not come to the same.'}
              {curvesPartAt !== null && ` Their curves part at epoch ${curvesPartAt}.`}
            </p>
            <ShowMore items={rows.filter((row) => !row.same || row.section === 'figures')} first={16}>
              {(shown) => <Rows rows={shown} a={a} b={b} />}
            </ShowMore>
          </>
        )}
      </Answer>
    </>
  );
}

interface RowsProps {
  readonly rows: readonly ComparedRunValue[];
  readonly a: number;
  readonly b: number;
}

function Rows({ rows, a, b }: RowsProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Section</th>
          <th scope="col">Of</th>
          <th scope="col" className={table.number}>
            run {a}
          </th>
          <th scope="col" className={table.number}>
            run {b}
          </th>
          <th scope="col">Same</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ section, name, same, ...values }) => (
          <tr key={`${section} ${name}`}>
            <td>{section}</td>
            <th scope="row">{name}</th>
            <td className={table.number}>{valueText(values.a)}</td>
            <td className={table.number}>{valueText(values.b)}</td>
            <td>{same ? 'yes' : 'no'}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function nameOf({ kind, id, reproduces }: TrainingRunSummary): string {
  return `${kind} ${id}${reproduces === null ? '' : `, again ${reproduces}`}`;
}

function valueText(value: ComparedRunValue['a']): string {
  if (value === null) return none;
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(4)));
  const text = String(value);
  return text.replace(/^[0-9a-f]{40,}/, shortDigest);
}
