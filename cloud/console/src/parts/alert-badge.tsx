import { useQuery } from '@tanstack/react-query';
import { alertsQuery } from '../data/queries.ts';
import styles from './alert-badge.module.css';

/** How many alerts are open and nobody has seen to yet; nothing when there is none. */
export function AlertBadge() {
  const { data = [] } = useQuery(alertsQuery);
  const count = data.filter(
    ({ closedAt, acknowledgedAt }) => closedAt === null && acknowledgedAt === null,
  ).length;
  if (count === 0) return null;
  return (
    <span className={styles.badge}>
      {count}
      <span className={styles.spoken}> open</span>
    </span>
  );
}
