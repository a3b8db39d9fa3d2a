import { AppError } from '@pomona/wire';

/** The promise's outcome, or a rejection with `gate-silent` when there is none in time. */
export async function inTime<T>(promise: Promise<T>, timeoutMs: number, who: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silent(who, timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } catch (error) {
    throw asError(error);
  } finally {
    clearTimeout(timer);
  }
}

/** modbus-serial fails with objects that have a message and are no errors. */
export function asError(failure: unknown): Error {
  if (failure instanceof Error) return failure;
  const hasMessage = typeof failure === 'object' && failure !== null && 'message' in failure;
  return new Error(String(hasMessage ? failure.message : failure));
}

export function silent(who: string, forMs: number): AppError {
  return new AppError('gate-silent', `${who} did not answer within ${forMs} ms`, {
    hint: 'Look at what else it does, and at the network between.',
    retryable: true,
  });
}
