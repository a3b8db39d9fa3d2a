import { Button, TextInput } from '@mantine/core';
import type { RetrainProposal } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { jobsQuery, proposalsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Notice } from '../parts/notice.tsx';
import styles from './rollouts.module.css';

/** The retraining that is proposed, if one is, to approve or decline. */
export function ProposalNotice() {
  const proposals = useQuery(proposalsQuery);
  // Nothing is proposed most of the time: no place is held for it while it loads.
  if (proposals.isPending) return null;
  return (
    <Answer query={proposals}>
      {(all) =>
        all
          .filter(({ state }) => state === 'proposed')
          .map((proposal) => (
            <Notice key={proposal.id} tone="warn" title={`Retraining ${proposal.model} is proposed`}>
              <span>
                {proposal.why}. <Ago at={proposal.at} />
              </span>
              {proposal.reason !== null && <span>Tried before: {proposal.reason}.</span>}
              <Decision proposal={proposal} />
            </Notice>
          ))
      }
    </Answer>
  );
}

function Decision({ proposal }: { readonly proposal: RetrainProposal }) {
  const client = useQueryClient();
  const { lacks } = useRole();
  const [declines, setDeclines] = useState(false);
  const [reason, setReason] = useState('');
  const decide = useMutation({
    mutationFn: (decision: 'approve' | 'decline') =>
      sendJson<RetrainProposal>(
        'POST',
        `/v1/retrain/proposals/${proposal.id}/${decision}`,
        decision === 'decline' ? { reason } : undefined,
      ),
    // Also when it failed: somebody else may have decided.
    onSettled: () =>
      Promise.all([proposalsQuery, jobsQuery].map(({ queryKey }) => client.invalidateQueries({ queryKey }))),
  });
  const lack = lacks('operator');
  const shared = { size: 'compact-sm', disabled: lack !== undefined, title: lack } as const;
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        decide.mutate('decline');
      }}
    >
      {declines ? (
        <>
          <TextInput
            size="xs"
            aria-label="Why: decline"
            placeholder="Why?"
            required
            autoFocus
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          <Button {...shared} type="submit" loading={decide.isPending}>
            Decline
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setDeclines(false)}>
            Leave it
          </Button>
        </>
      ) : (
        <>
          <Button {...shared} loading={decide.isPending} onClick={() => decide.mutate('approve')}>
            Approve
          </Button>
          <Button {...shared} variant="default" onClick={() => setDeclines(true)}>
            Decline
          </Button>
        </>
      )}
      <Failure error={decide.error} />
    </form>
  );
}
