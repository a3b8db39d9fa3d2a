import { Button, TextInput } from '@mantine/core';
import type { AlertView } from '@pomona/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { foldIntoCache } from '../data/live.tsx';
import { useRole } from '../data/role.ts';
import { Failure } from '../parts/failure.tsx';
import styles from './rollouts.module.css';

/** Says that somebody has seen to the alert; asks what was found or done. */
export function Acknowledge({ alert: { id, title } }: { readonly alert: AlertView }) {
  const client = useQueryClient();
  const lack = useRole().lacks('operator');
  const [asked, setAsked] = useState(false);
  const [note, setNote] = useState('');
  const acknowledge = useMutation({
    mutationFn: () => sendJson<AlertView>('POST', `/v1/alerts/${id}/acknowledge`, { note }),
    onSuccess: (alert) => foldIntoCache(client, [{ kind: 'alert', alert }]),
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
        Acknowledge
      </Button>
    );
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        acknowledge.mutate();
      }}
    >
      <TextInput
        size="xs"
        aria-label={`What was found or done: ${title}`}
        placeholder="What was found or done?"
        required
        autoFocus
        maxLength={1_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Button size="compact-sm" type="submit" loading={acknowledge.isPending}>
        Acknowledge
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(false)}>
        Leave it
      </Button>
      <Failure error={acknowledge.error} />
    </form>
  );
}
