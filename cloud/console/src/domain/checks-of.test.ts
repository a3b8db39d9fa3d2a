import type { JobView } from '@pomona/wire';
import { expect, it } from 'vitest';
import { checksOf } from './checks-of.ts';

const job = (id: number, kind: JobView['kind'], request: object) => ({ id, kind, request }) as JobView;

it('finds what calibrated or judged a version, and what left groups out of its dataset', () => {
  const model = { name: 'apples', version: 2, dataset: { name: 'drawn', digest: 'd1' }, network: 'compact' };
  const ask = { model: { name: 'apples', version: 2 }, dataset: { name: 'phone', digest: 'd2' } };
  const jobs = [
    job(7, 'evaluate', { by: 'variety', dataset: { digest: 'd2' }, network: 'compact' }),
    job(6, 'evaluate', { by: 'session', dataset: { digest: 'd1' }, network: 'compact' }),
    job(5, 'train', { dataset: { digest: 'd1' }, name: 'apples' }),
    job(4, 'calibrate', { ...ask, model: { name: 'apples', version: 1 } }),
    job(3, 'calibrate', ask),
    job(2, 'evaluate', ask),
  ];
  expect(checksOf(jobs, model).map(({ id }) => id)).toEqual([6, 3, 2]);
});
