import { AppError, systemErrorCode } from '@pomona/wire';

/** PostgreSQL's classes and codes (its manual, appendix A), and what the network says when the server is away. */
// The file that the processes on a database share is made when it is opened: on a full disk that fails first.
const full = /^(SQLITE_FULL|SQLITE_IOERR_SHMSIZE$|ENOSPC$|53100$|53200$)/;
const busy = /^(SQLITE_BUSY|SQLITE_LOCKED|40001$|40P01$|55P03$)/;
const unreachable = /^(08...|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
/** What `pg` says without a code when a connection ends under a statement, or none can be had in time. */
const lostWords =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/;

/** A full disk, a lock that others hold and a server that is away become coded, retryable errors; all else stays what it is. */
export function asDatabaseError(error: unknown): unknown {
  const code = systemErrorCode(error) ?? '';
  if (full.test(code)) {
    return new AppError('database-full', 'the disk of the database is full', {
      hint: 'Free some space; nothing was lost and writing goes on by itself.',
      retryable: true,
      cause: error,
    });
  }
  if (busy.test(code)) {
    return new AppError('database-busy', 'another process is writing to the database', {
      hint: 'Try again in a moment.',
      retryable: true,
      cause: error,
    });
  }
  if (unreachable.test(code) || (error instanceof Error && lostWords.test(error.message))) {
    return new AppError('database-unreachable', 'the database does not answer', {
      hint: 'See that PostgreSQL runs and that the address is right; writing goes on by itself.',
      retryable: true,
      cause: error,
    });
  }
  return error;
}
