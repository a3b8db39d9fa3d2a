import type { Caller, LabelSource } from '@pomona/wire';
import type { Speaker } from '../../use-cases/label-sample.ts';
import type { Actor } from '../../use-cases/pass-gates.ts';

interface Called {
  readonly principal?: Caller;
}

/** Who calls, for records of what was changed; `local` where nobody has to say who they are. */
export function actorOf(request: object): string {
  return (request as Called).principal?.name ?? 'local';
}

export function isAdmin(request: object): boolean {
  const { principal } = request as Called;
  return principal?.role === 'admin';
}

/** Who calls, for what an admin alone may do. */
export function callerOf(request: object): Actor {
  return { name: actorOf(request), isAdmin: isAdmin(request) };
}

const sources: Readonly<Record<Caller['kind'], LabelSource>> = {
  user: 'console',
  token: 'api',
  local: 'command-line',
};

/** Who calls, and from where: only the console signs people in. */
export function speakerOf(request: object): Speaker {
  const { principal } = request as Called;
  return { name: actorOf(request), isAdmin: isAdmin(request), source: sources[principal?.kind ?? 'local'] };
}
