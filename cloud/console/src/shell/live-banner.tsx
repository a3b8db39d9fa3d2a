import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLive, useServerNow } from '../data/live.tsx';
import { overviewQuery } from '../data/queries.ts';
import { formatAgo, formatClock } from '../domain/format.ts';
import { WarningIcon } from '../parts/icons.tsx';
import styles from './live-banner.module.css';

/** Says that what is on screen is old, since when, and that we keep trying. */
export function LiveBanner() {
  const { phase } = useLive();
  return (
    <div role="status" aria-live="polite">
      {phase === 'lost' && <Lost />}
    </div>
  );
}

function Lost() {
  const { sinceMs, retry } = useLive();
  const { data, dataUpdatedAt } = useQuery(overviewQuery);
  const serverNow = useServerNow();
  const offsetMs = data === undefined ? 0 : Date.parse(data.at) - dataUpdatedAt;
  return (
    <div className={styles.banner}>
      <WarningIcon />
      <p>
        <strong>Connection to the control plane lost</strong> {formatAgo(serverNow - offsetMs - sinceMs)}.{' '}
        {data === undefined
          ? 'Nothing has come yet.'
          : `What you see is how things were at ${formatClock(sinceMs)}; the lines go on grading by themselves.`}{' '}
        Trying again…
      </p>
      <Button size="compact-sm" variant="default" onClick={retry}>
        Try now
      </Button>
    </div>
  );
}
