import { Button, TextInput } from '@mantine/core';
import type { RolloutActionName, RolloutDetail } from '@pomona/wire';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { rolloutQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { Failure } from '../parts/failure.tsx';
import styles from './rollouts.module.css';

const texts: Readonly<Record<RolloutActionName, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  rollback: 'Roll back',
  now: 'Go on in quiet hours',
};

const possible: Readonly<Record<RolloutDetail['status'], readonly RolloutActionName[]>> = {
  running: ['pause', 'cancel', 'rollback', 'now'],
  paused: ['resume', 'cancel', 'rollback', 'now'],
  'rolling-back': [],
  'rolled-back': [],
  done: [],
  cancelled: [],
};

/** What may be done to the rollout now; each asks for the reason first. */
export function RolloutActions({ rollout }: { readonly rollout: RolloutDetail }) {
  const client = useQueryClient();
  const { lacks } = useRole();
  const [asked, setAsked] = useState<RolloutActionName>();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: (action: RolloutActionName) =>
      sendJson<RolloutDetail>('POST', `/v1/rollouts/${rollout.id}/${action}`, { reason }),
    onSuccess: (answer) => {
      client.setQueryData(rolloutQuery(rollout.id).queryKey, answer);
      setAsked(undefined);
      setReason('');
    },
  });
  const lack = lacks('operator');
  const isQuiet = !rollout.now && rollout.outcomes.some(({ outcome }) => outcome === 'quiet');
  const actions = possible[rollout.status].filter((action) => action !== 'now' || isQuiet);
  if (asked === undefined || !actions.includes(asked)) {
    return (
      <span className={styles.ask}>
        {actions.map((action) => (
          <Button
            key={action}
            size="compact-sm"
            variant="default"
            disabled={lack !== undefined}
            title={lack}
            onClick={() => setAsked(action)}
          >
            {texts[action]}
          </Button>
        ))}
      </span>
    );
  }
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate(asked);
      }}
    >
      <TextInput
        size="xs"
        aria-label={`Why: ${texts[asked]}`}
        placeholder="Why?"
        required
        autoFocus
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Button size="compact-sm" type="submit" loading={act.isPending}>
        {texts[asked]}
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => setAsked(undefined)}>
        Leave it
      </Button>
      <Failure error={act.error} />
    </form>
  );
}
