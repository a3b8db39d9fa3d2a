import type { JobView, UploadView } from '@pomona/wire';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it } from 'vitest';
import { ApiProblem } from '../adapters/api.ts';
import { comparisonQuery, jobsQuery, uploadQuery } from './queries.ts';

const unknown = new ApiProblem({ code: 'upload-unknown', message: '', hint: '' }, 404);
const silent = new ApiProblem({ code: 'UNREACHABLE', message: '', hint: '' }, 0);

/** When an upload that stands so in the cache is asked for again, and how long what is known of it is fresh. */
function uploadIn(state: UploadView['state'] | undefined, error: Error | null = null) {
  const { refetchInterval, staleTime } = uploadQuery('apples', 1);
  if (typeof refetchInterval !== 'function' || typeof staleTime !== 'function')
    throw new Error('not functions');
  const entry = { state: { data: state && { state }, error } } as never;
  return [refetchInterval(entry), staleTime(entry)];
}

it('asks for an upload again until it is over or unknown, and for no other reason after that', () => {
  expect(uploadIn(undefined)).toEqual([500, 0]);
  expect(uploadIn('verifying')).toEqual([500, 0]);
  expect(uploadIn('verifying', silent)).toEqual([500, 0]);
  expect(uploadIn('verifying', unknown)).toEqual([false, 'static']);
  expect(uploadIn(undefined, unknown)).toEqual([false, 'static']);
  expect(uploadIn('done')).toEqual([false, 'static']);
  expect(uploadIn('failed')).toEqual([false, 'static']);
});

it('asks for trainings often only while one is not over', () => {
  const intervalOf = (jobs: readonly Pick<JobView, 'endedAt'>[] | undefined) => {
    const { refetchInterval } = jobsQuery;
    return typeof refetchInterval === 'function' && refetchInterval({ state: { data: jobs } } as never);
  };
  expect(intervalOf([{ endedAt: '2026-11-24T08:00:00.000Z' }, { endedAt: null }])).toBe(2_000);
  expect(intervalOf([{ endedAt: '2026-11-24T08:00:00.000Z' }])).toBe(10_000);
  expect(intervalOf(undefined)).toBe(10_000);
});

it('keeps a comparison of two versions, whatever else is asked for anew', async () => {
  const client = new QueryClient();
  let asked = 0;
  const options = { ...comparisonQuery('apples@1', 'apples@2'), queryFn: async () => asked++ as never };
  const stop = new QueryObserver(client, options).subscribe(() => undefined);
  await client.fetchQuery(options);
  await client.invalidateQueries();
  stop();
  expect(asked).toBe(1);
});
