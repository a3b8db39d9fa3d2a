import { ApiProblem } from '../adapters/api.ts';
import { Notice } from './notice.tsx';

/** Why what somebody asked for was not done; nothing while there is no error. */
export function Failure({ error }: { readonly error: Error | null }) {
  if (error === null) return null;
  return (
    <Notice tone="bad" title={error.message}>
      {error instanceof ApiProblem && <p>{error.hint}</p>}
    </Notice>
  );
}
