import type { DriftSummary } from '@pomona/wire';
import { driftVerdict } from '../domain/drift-words.ts';
import table from './table.module.css';

/** In plain words whether a station still grades what it began with, and what to do when not. */
export function DriftVerdict({ drift }: { readonly drift: DriftSummary }) {
  const { state, title, means, todo } = driftVerdict(drift);
  return (
    <>
      <strong className={state === 'drift' ? table.warn : undefined}>{title}</strong>
      <div>
        {means} {todo !== '' && <strong>{todo}</strong>}
      </div>
    </>
  );
}
