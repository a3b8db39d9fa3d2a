import { Button } from '@mantine/core';
import type { DatasetView, PhotographCounts } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { sendJson } from '../adapters/api.ts';
import { datasetsQuery, photographsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatCount } from '../domain/format.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';

/** How far the photographs are labelled, and a version of what is. */
export function PhotographsPanel() {
  const { data } = useQuery(photographsQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const lack = useRole().lacks('operator');
  const freeze = useMutation({
    mutationFn: (dataset: string) => sendJson<DatasetView>('POST', `/v1/datasets/${dataset}/freeze`, {}),
    onSuccess: async ({ name, digest }) => {
      await client.invalidateQueries(datasetsQuery);
      await navigate({ to: '/datasets/$name/$digest', params: { name, digest } });
    },
  });
  if (data === undefined || data.length === 0) return null;
  return (
    <Panel title="Photographs and their labels" note="a version holds those that are labelled">
      <DataTable>
        <thead>
          <tr>
            <th scope="col">For</th>
            {columns.map(([name, title]) => (
              <th key={name} scope="col" className={table.number}>
                {title}
              </th>
            ))}
            <th scope="col" aria-label="Freeze" />
          </tr>
        </thead>
        <tbody>
          {data.map((counts) => (
            <tr key={counts.dataset}>
              <th scope="row">{counts.dataset}</th>
              {columns.map(([name]) => (
                <td key={name} className={table.number}>
                  {formatCount(counts[name])}
                </td>
              ))}
              <td>
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={lack !== undefined || counts.labelled === 0 || freeze.isPending}
                  loading={freeze.isPending && freeze.variables === counts.dataset}
                  title={lack}
                  onClick={() => freeze.mutate(counts.dataset)}
                >
                  Freeze
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </DataTable>
      <p>
        <Link to="/labelling">Label</Link>, or put a label right among <Link to="/samples">all samples</Link>.
      </p>
      <Failure error={freeze.error} />
    </Panel>
  );
}

const columns = [
  ['photographs', 'Photographs'],
  ['labelled', 'Labelled'],
  ['unlabelled', 'Without a label'],
  ['disputed', 'Two differ'],
  ['quarantined', 'Quarantined'],
] as const satisfies readonly (readonly [keyof PhotographCounts, string])[];
