import { AppError, systemErrorCode } from '@pomona/wire';

const codes: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/** What the system says wherever there is no room for a file, for a person; undefined for any other error. */
export function diskFull(error: unknown): AppError | undefined {
  if (!codes.has(systemErrorCode(error) ?? '')) return undefined;
  return new AppError('disk-full', 'there is no more room on the disk', {
    hint: 'Free some space and do it again: what is whole stays, and nothing that is half done is used.',
    retryable: true,
    cause: error,
  });
}
