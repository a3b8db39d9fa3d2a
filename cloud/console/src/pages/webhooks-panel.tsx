import { Button, TextInput } from '@mantine/core';
import type { CreatedWebhook, WebhookView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { webhooksQuery } from '../data/queries.ts';
import { formatCounted, formatDateTime } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import table from '../parts/table.module.css';
import styles from './settings-page.module.css';

/** Programs that are told of alerts by HTTP. */
export function WebhooksPanel() {
  const webhooks = useQuery(webhooksQuery);
  const [url, setUrl] = useState('');
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: webhooksQuery.queryKey });
  const add = useMutation({
    mutationFn: () => sendJson<CreatedWebhook>('POST', '/v1/webhooks', { url }),
    onSuccess: () => {
      setUrl('');
      return refresh();
    },
  });
  const remove = useMutation({
    mutationFn: (id: number) => sendJson('DELETE', `/v1/webhooks/${id}`),
    onSuccess: refresh,
  });
  const test = useMutation({
    mutationFn: (id: number) => sendJson<WebhookView>('POST', `/v1/webhooks/${id}/test`),
    onSuccess: refresh,
  });
  return (
    <Panel title="Webhooks" note="URLs that are told of every alert, signed">
      <Answer query={webhooks}>
        {(all) => <WebhookTable webhooks={all} test={test.mutate} remove={remove.mutate} />}
      </Answer>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <TextInput
          label="URL"
          type="url"
          placeholder="https://"
          required
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Button type="submit" disabled={add.isPending}>
          Add webhook
        </Button>
      </form>
      {add.data && (
        <Notice tone="warn" title={`The secret of webhook ${add.data.id}, shown this once`}>
          <code className={styles.secret}>{add.data.secret}</code>
        </Notice>
      )}
      <Failure error={add.error ?? remove.error ?? test.error} />
    </Panel>
  );
}

interface WebhookTableProps {
  readonly webhooks: readonly WebhookView[];
  readonly test: (id: number) => void;
  readonly remove: (id: number) => void;
}

function WebhookTable({ webhooks, test, remove }: WebhookTableProps) {
  if (webhooks.length === 0) return <p>No webhook yet.</p>;
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">URL</th>
          <th scope="col">Last result</th>
          <th scope="col">Made by</th>
          <th scope="col">Action</th>
        </tr>
      </thead>
      <tbody>
        {webhooks.map((webhook) => (
          <tr key={webhook.id}>
            <td className={styles.secret}>{webhook.url}</td>
            <td>
              <LastResult webhook={webhook} />
            </td>
            <td>{webhook.createdBy}</td>
            <td className={styles.actions}>
              <Button size="compact-xs" variant="default" onClick={() => test(webhook.id)}>
                Test
              </Button>
              <Button size="compact-xs" variant="default" onClick={() => remove(webhook.id)}>
                Remove
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function LastResult({ webhook: { last, waiting } }: { readonly webhook: WebhookView }) {
  if (last === null) return waiting === 0 ? 'Not told anything yet' : `${waiting} waiting`;
  const { state, status, error, event, attempts, attemptedAt } = last;
  const tries = formatCounted(attempts, 'attempt');
  return (
    <>
      <span className={state === 'delivered' ? undefined : table.warn}>
        {state === 'delivered' ? `Taken (${status})` : `Not taken: ${error}`}
      </span>
      <span className={table.soft}>
        {event}, {tries}
        {attemptedAt !== null && `, ${formatDateTime(attemptedAt)}`}
        {waiting > 0 && `, ${waiting} waiting`}
      </span>
    </>
  );
}
