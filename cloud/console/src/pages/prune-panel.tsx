import { Button, TextInput } from '@mantine/core';
import type { PruneReport } from '@pomona/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { modelsQuery, prunePreviewQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatBytes, formatCount, formatCounted } from '../domain/format.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import styles from './page.module.css';

const verdicts: Readonly<Record<PruneReport['versions'][number]['verdict'], string>> = {
  keep: 'stays',
  'drop-files': 'its files go, its record stays',
  remove: 'goes',
};

/** Versions that nobody needs by the project's rule: first which, and why the others stay; then away with them. */
export function PrunePanel() {
  const client = useQueryClient();
  const lack = useRole().lacks('admin');
  const [reason, setReason] = useState('');
  const preview = useMutation({ mutationFn: () => client.fetchQuery(prunePreviewQuery) });
  const prune = useMutation({
    mutationFn: () => sendJson<PruneReport>('POST', '/v1/models/prune', { reason }),
    onSuccess: async () => {
      setReason('');
      preview.reset();
      await client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  const going = (preview.data?.versions ?? []).filter(({ verdict }) => verdict !== 'keep').length;
  return (
    <Panel title="Pruning" note="removes versions that nobody needs, by the project’s rule">
      <div className={form.submit}>
        <Button
          size="compact-sm"
          variant="default"
          loading={preview.isPending}
          disabled={lack !== undefined}
          title={lack}
          onClick={() => {
            prune.reset();
            preview.mutate();
          }}
        >
          What would go?
        </Button>
        {lack !== undefined && <span>{lack}</span>}
      </div>
      <Failure error={preview.error ?? prune.error} />
      {prune.data !== undefined && (
        <Notice
          tone="calm"
          title={`Freed ${formatBytes(prune.data.freedBytes)} in ${formatCounted(prune.data.freedFiles, 'file')}.`}
        />
      )}
      {preview.data !== undefined && <Preview report={preview.data} />}
      {going > 0 && (
        <form
          className={`${form.fields} ${form.below}`}
          onSubmit={(event) => {
            event.preventDefault();
            prune.mutate();
          }}
        >
          <TextInput
            label="Reason, for the log"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <div className={form.submit}>
            <Button
              type="submit"
              color="red"
              size="compact-sm"
              loading={prune.isPending}
              disabled={lack !== undefined || reason.trim().length < 3}
              title={lack}
            >
              {`Remove ${formatCounted(going, 'version')}`}
            </Button>
          </div>
        </form>
      )}
    </Panel>
  );
}

function Preview({ report: { rule, versions, freedBytes, freedFiles } }: { readonly report: PruneReport }) {
  return (
    <>
      <p className={styles.soft}>
        The newest {formatCount(rule.keepVersions)} of each model stay, and all below{' '}
        {formatCounted(rule.keepVersionDays, 'day')}. Would free {formatBytes(freedBytes)} in{' '}
        {formatCounted(freedFiles, 'file')}.
      </p>
      <ShowMore items={versions} first={12}>
        {(shown) => (
          <DataTable>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">Then</th>
                <th scope="col">Because</th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ name, version, verdict, why }) => (
                <tr key={`${name}@${version}`}>
                  <th scope="row">
                    {name} v{version}
                  </th>
                  <td>{verdict === 'keep' ? verdicts.keep : <strong>{verdicts[verdict]}</strong>}</td>
                  <td>{why.join('; ')}</td>
                </tr>
              ))}
            </tbody>
          </DataTable>
        )}
      </ShowMore>
    </>
  );
}
