import { Button, TextInput } from '@mantine/core';
import type { DatasetView } from '@pomona/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { datasetsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { Failure } from '../parts/failure.tsx';
import styles from './rollouts.module.css';

interface AcceptProps {
  readonly dataset: DatasetView;
  readonly path: string;
}

/** Takes a photograph out of the quarantine, and opens the version that has it. */
export function AcceptQuarantined({ dataset: { name, digest }, path }: AcceptProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const lack = useRole().lacks('operator');
  const [asked, setAsked] = useState(false);
  const [why, setWhy] = useState('');
  const accept = useMutation({
    mutationFn: () =>
      sendJson<DatasetView>('POST', `/v1/datasets/${name}/${digest}/accept`, { paths: [path], why }),
    onSuccess: async (view) => {
      // It waits no longer under Quarantined of the page Labelling.
      await Promise.all([
        client.invalidateQueries(datasetsQuery),
        client.invalidateQueries({ queryKey: ['samples'] }),
      ]);
      await navigate({ to: '/datasets/$name/$digest', params: { name: view.name, digest: view.digest } });
    },
  });
  if (!asked)
    return (
      <Button
        size="compact-sm"
        variant="default"
        disabled={lack !== undefined}
        title={lack}
        onClick={() => setAsked(true)}
      >
        Accept
      </Button>
    );
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        accept.mutate();
      }}
    >
      <TextInput
        size="xs"
        aria-label={`Why ${path} can be used`}
        placeholder="Why can it be used?"
        required
        autoFocus
        minLength={3}
        maxLength={500}
        value={why}
        onChange={(event) => setWhy(event.currentTarget.value)}
      />
      <Button size="compact-sm" type="submit" loading={accept.isPending}>
        Accept
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(false)}>
        Leave it
      </Button>
      <Failure error={accept.error} />
    </form>
  );
}
