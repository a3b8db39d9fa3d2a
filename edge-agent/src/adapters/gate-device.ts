/** What the adapters of all outlets have in common. */
import { AppError } from '@pomona/wire';
import type { RetriesOptions } from './retries.ts';

export type GateDeviceDeps = Pick<RetriesOptions, 'scheduler' | 'random'> & {
  readonly onTrouble: (code: string, message: string) => void;
};

export function notConnected(device: string): AppError {
  return new AppError('gate-away', `${device} is not connected`, {
    hint: 'Look at its power, its address and its cable.',
    retryable: true,
  });
}
