import type { RolloutView } from '@pomona/wire';
import table from './table.module.css';

const texts: Readonly<Record<RolloutView['status'], string>> = {
  running: 'Running',
  paused: 'Paused',
  'rolling-back': 'Rolling back',
  'rolled-back': 'Rolled back',
  done: 'Done',
  cancelled: 'Cancelled',
};

export function RolloutStatus({ status }: Pick<RolloutView, 'status'>) {
  const asksForSomeone = status === 'paused' || status === 'rolling-back' || status === 'rolled-back';
  return <span className={asksForSomeone ? table.warn : undefined}>{texts[status]}</span>;
}
