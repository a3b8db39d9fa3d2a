/** What a person or a program reads: reports on stdout, everything else on stderr. */
import { AppError, isAppError, systemErrorCode } from '@pomona/wire';
import { diskFull } from '../domain/disk-full.ts';

export interface Output {
  readonly json: boolean;
  /** A line for a person, on stderr. */
  say(line: string): void;
  /** The command's result: `value` as one JSON object with `--json`, else `text`. On stdout. */
  report(value: unknown, text: string): void;
}

export function createOutput(json: boolean): Output {
  return {
    json,
    say: (line) => void process.stderr.write(`${line}\n`),
    report: (value, text) => void process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${text}\n`),
  };
}

/** Columns padded to their widest cell; numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)));
  const right = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'),
  );
  return cells
    .map((row) =>
      row
        .map((cell, column) =>
          right[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What failed, and what to do about it; a programmer's error keeps its stack. */
export function describeFailure(error: unknown): string {
  if (isAppError(error)) return describeAppError(error);
  const known = diskFull(error) ?? folderRefused(error);
  if (known) return describeAppError(known);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Of a folder that was named to the command, as a rule; undefined for any other error. */
function folderRefused(error: unknown): AppError | undefined {
  if (systemErrorCode(error) === undefined) return undefined;
  const { syscall, path } = error as NodeJS.ErrnoException;
  if (syscall !== 'mkdir') return undefined;
  return new AppError('folder-not-made', `cannot make the folder ${path}`, {
    hint: 'Give this user write permission there, or name another folder.',
    cause: error,
  });
}

function describeAppError(error: AppError): string {
  const why = error.cause instanceof Error ? error.cause.message : '';
  // Many a message tells its cause already.
  const cause = why === '' || error.message.includes(why) ? '' : `\n  cause: ${why}`;
  return `error ${error.code}: ${error.message}${cause}\n  ${error.hint}`;
}
