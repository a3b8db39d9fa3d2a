import { Button, Skeleton } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiProblem } from '../adapters/api.ts';
import { Notice } from './notice.tsx';

interface AnswerProps<T> {
  readonly query: UseQueryResult<T>;
  /** Height of the place held while loading, pixels. */
  readonly height?: number;
  readonly children: (data: T) => ReactNode;
}

/**
 * The three ways a request stands. An answer that we had stays on screen when a later request fails; that it is old
 * says the banner when nobody answers, and a notice when the answer was a refusal.
 */
export function Answer<T>({ query, height = 120, children }: AnswerProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {isRefused(query.error) && <ProblemNotice error={query.error} retry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (query.isPending) return <Skeleton height={height} radius="md" aria-label="Loading" />;
  return <ProblemNotice error={query.error} retry={() => void query.refetch()} />;
}

function isRefused(error: Error | null): boolean {
  return error !== null && !(error instanceof ApiProblem && error.status === 0);
}

function ProblemNotice({ error, retry }: { readonly error: Error | null; readonly retry: () => void }) {
  const problem = error instanceof ApiProblem ? error : undefined;
  return (
    <Notice tone="bad" title={error?.message ?? 'Something went wrong.'}>
      <p>
        {problem?.hint ?? 'Reload the page; if it stays, tell those who look after Pomona.'}{' '}
        {problem !== undefined && <code>{problem.code}</code>}
      </p>
      <Button size="compact-sm" variant="default" onClick={retry}>
        Try again
      </Button>
    </Notice>
  );
}
