import { Badge, Button, TextInput } from '@mantine/core';
import type { Gate, ModelAlias, ModelView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { aliasesQuery, modelLogQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime, none, shortDigest } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { FailedGates } from '../parts/failed-gates.tsx';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import styles from './page.module.css';

const verdicts: Readonly<Record<Gate['verdict'], string>> = {
  passed: 'passed',
  failed: 'failed',
  'insufficient-data': 'not enough data',
};

/** What the version is called, which gates it passed, and who changed what about its name. */
export function Standing({ model }: { readonly model: ModelView }) {
  const aliases = useQuery(aliasesQuery(model.name));
  const mine = (aliases.data ?? []).filter(({ version }) => version === model.version);
  const badges = mine.map(({ alias }) => <Badge key={alias}>{alias}</Badge>);
  return (
    <>
      <Panel title="Gates" note={badges.length === 0 ? 'no alias' : badges}>
        <Gates gates={model.gates} />
        <Promote model={model} isChampion={mine.some(({ alias }) => alias === 'champion')} />
      </Panel>
      <Panel title="Log" note="of all its versions">
        <Log name={model.name} />
      </Panel>
    </>
  );
}

function Gates({ gates }: { readonly gates: readonly Gate[] | undefined }) {
  if (gates === undefined) return <p>This version is from before there were gates.</p>;
  const figure = (value: number | null) =>
    value === null ? none : String(Number(value.toFixed(Math.abs(value) < 0.001 ? 7 : 4)));
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Gate</th>
          <th scope="col" className={table.number}>
            Figure
          </th>
          <th scope="col" className={table.number}>
            Limit
          </th>
          <th scope="col">Verdict</th>
        </tr>
      </thead>
      <tbody>
        {gates.map((gate) => (
          <tr key={gate.name} title={gate.detail}>
            <th scope="row">{gate.name}</th>
            <td className={table.number}>{figure(gate.figure)}</td>
            <td className={table.number}>
              {gate.comparison === '>=' ? '≥' : '≤'} {figure(gate.limit)}
            </td>
            <td>{gate.verdict === 'failed' ? <strong>failed</strong> : verdicts[gate.verdict]}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function Promote({ model, isChampion }: { readonly model: ModelView; readonly isChampion: boolean }) {
  const client = useQueryClient();
  const { lacks } = useRole();
  const [override, setOverride] = useState(false);
  const [reason, setReason] = useState('');
  const promote = useMutation({
    mutationFn: () =>
      sendJson<ModelAlias[]>('PUT', `/v1/models/${model.name}/aliases/champion`, {
        version: model.version,
        reason,
        ...(override ? { override } : {}),
      }),
    onSuccess: async (answer) => {
      client.setQueryData(aliasesQuery(model.name).queryKey, answer);
      setReason('');
      setOverride(false);
      await client.invalidateQueries({ queryKey: modelLogQuery(model.name).queryKey });
    },
  });
  if (isChampion) return null;
  const lack = lacks('operator');
  return (
    <form
      className={`${form.fields} ${form.below}`}
      onSubmit={(event) => {
        event.preventDefault();
        promote.mutate();
      }}
    >
      <TextInput
        label="Reason to make it champion"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <FailedGates {...{ model, override }} onChange={setOverride} />
      <div className={form.submit}>
        <Button
          type="submit"
          size="compact-sm"
          loading={promote.isPending}
          disabled={lack !== undefined || reason.trim().length < 3}
          title={lack}
        >
          Promote
        </Button>
        {lack !== undefined && <span>{lack}</span>}
      </div>
      <Failure error={promote.error} />
    </form>
  );
}

function Log({ name }: { readonly name: string }) {
  const log = useQuery(modelLogQuery(name));
  return (
    <Answer query={log} height={60}>
      {(entries) =>
        entries.length === 0 ? (
          <p>Nothing was changed.</p>
        ) : (
          <ul className={styles.soft}>
            {entries.slice(0, 10).map((entry) => (
              <li key={entry.at + entry.action}>
                {formatDateTime(entry.at)} {entry.actor}: {entry.action}, {entry.reason} (
                {entry.detail.replace(/[0-9a-f]{40,}/g, shortDigest)})
              </li>
            ))}
          </ul>
        )
      }
    </Answer>
  );
}
