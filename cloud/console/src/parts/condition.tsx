import type { StationView } from '@pomona/wire';
import { useServerNow } from '../data/live.tsx';
import { conditionText, stationCondition } from '../domain/station-condition.ts';
import styles from './condition.module.css';

/** Whether a station is there, in a word and a lamp. */
export function Condition({ station }: { readonly station: StationView }) {
  const condition = stationCondition(station, useServerNow());
  return (
    <span className={styles.condition} data-condition={condition}>
      <span className={styles.lamp} aria-hidden="true" />
      {conditionText[condition]}
    </span>
  );
}
