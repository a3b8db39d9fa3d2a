import { userInfo } from 'node:os';

/** Who uses the command line, for records of what was changed; `local` alone where the system has no name for them, as in some containers. */
export function localActor(): string {
  const user = localUser();
  return user === undefined ? 'local' : `local:${user}`;
}

export function localUser(): string | undefined {
  try {
    return userInfo().username;
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
