import { type Caller, type Role, roleCovers } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from './queries.ts';

export interface RoleOfReader {
  readonly caller: Caller | null;
  /** Why something that needs a role is not possible; undefined when it is. For a disabled button's `title`. */
  lacks(needed: Role): string | undefined;
}

/** What whoever sits here may do. The control plane checks it again; this is for saying so beforehand. */
export function useRole(): RoleOfReader {
  const { data } = useQuery(sessionQuery);
  const caller = data?.principal ?? null;
  return {
    caller,
    lacks: (needed) =>
      caller !== null && roleCovers(caller.role, needed)
        ? undefined
        : `Needs the role ${needed}; you are ${caller?.role ?? 'not signed in'}.`,
  };
}
