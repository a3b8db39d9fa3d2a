/** What can go wrong with a transfer, whatever it travels by. */
import { AppError } from '@pomona/wire';

export function missing(path: string): AppError {
  return new AppError('transfer-missing', `the control plane has no file ${path}`, {
    hint: 'Publish the release again; it will be tried again.',
    retryable: true,
  });
}

export function silent(path: string, why?: string): AppError {
  const detail = why === undefined ? '' : `: ${why}`;
  return new AppError(
    'transfer-silent',
    `the control plane does not answer to requests for ${path}${detail}`,
    { hint: 'Check that the control plane runs; it will be tried again.', retryable: true },
  );
}

export function changed(path: string): AppError {
  return new AppError('transfer-changed', `${path} changed while it was fetched`, {
    hint: 'It will be tried again.',
    retryable: true,
  });
}

export function oversized(path: string, bytes: number, bytesMax: number): AppError {
  return new AppError('transfer-oversized', `${path} has ${bytes} bytes, at most ${bytesMax} are allowed`, {
    hint: 'Look at what the control plane publishes; nothing of it was used.',
  });
}

export function damaged(path: string, index: number, why: string): AppError {
  return new AppError('transfer-damaged', `chunk ${index} of ${path} came damaged too often: ${why}`, {
    hint: 'The stored file is damaged: publish the release again, then set the desired state again.',
  });
}
