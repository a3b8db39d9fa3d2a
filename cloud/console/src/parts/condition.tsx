import type { StationView } from '@pomona/wire';
import { conditionText } from '../domain/station-condition.ts';
import styles from './condition.module.css';

/** Whether a station is there, in a word and a lamp. */
export function Condition({ station }: { readonly station: StationView }) {
  return (
    <span className={styles.condition} data-condition={station.condition}>
      <span className={styles.lamp} aria-hidden="true" />
      {conditionText(station)}
    </span>
  );
}
