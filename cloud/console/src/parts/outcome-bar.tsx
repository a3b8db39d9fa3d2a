import type { RolloutView, StationOutcome } from '@pomona/wire';
import share from './share-bar.module.css';
import table from './table.module.css';

const colours: Readonly<Record<StationOutcome, string>> = {
  waiting: 'var(--line)',
  deferred: 'var(--grade-5)',
  quiet: 'var(--line)',
  sent: 'var(--grade-3)',
  updating: 'var(--grade-3)',
  succeeded: 'var(--good)',
  failed: 'var(--bad)',
  rejected: 'var(--bad)',
  'timed-out': 'var(--bad)',
  lost: 'var(--bad)',
};

/** What became of stations, as one bar and in words. */
export function OutcomeBar({ outcomes, of }: Pick<RolloutView, 'outcomes'> & { readonly of: string }) {
  const text = outcomes.map(({ outcome, count }) => `${count} ${outcome}`).join(', ');
  return (
    <>
      <div className={share.bar} role="img" aria-label={`${of}: ${text}`}>
        {outcomes.map(({ outcome, count }) => (
          <span
            key={outcome}
            className={share.part}
            title={`${count} ${outcome}`}
            style={{ flexGrow: count, background: colours[outcome] }}
          />
        ))}
      </div>
      <span className={table.soft}>{text}</span>
    </>
  );
}
