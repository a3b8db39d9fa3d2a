/**
 * An operating failure: something a person or the network did, not a programmer's error.
 * `code` is stable and stands in the table of the package that throws it; `hint` says what to do.
 */
export class AppError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: AppErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.hint = options.hint;
    this.retryable = options.retryable ?? false;
  }
}

export interface AppErrorOptions {
  readonly hint: string;
  readonly cause?: unknown;
  readonly retryable?: boolean;
}

/** By its name: a program that is bundled and loads a package that is not has this class twice. */
export function isAppError(error: unknown, code?: string): error is AppError {
  if (!(error instanceof Error && error.name === 'AppError')) return false;
  return code === undefined || (error as AppError).code === code;
}

/** The code of a node system error (`ENOSPC`, `EACCES`, …), or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
