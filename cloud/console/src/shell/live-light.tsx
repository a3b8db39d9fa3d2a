import type { LiveState } from '../adapters/live-feed.ts';
import { useLive } from '../data/live.tsx';
import styles from './shell.module.css';

const texts: Record<LiveState['phase'], string> = {
  connecting: 'Connecting…',
  live: 'Live',
  lost: 'Not live',
};

export function LiveLight() {
  const { phase } = useLive();
  return (
    <span className={styles.light} data-phase={phase}>
      <span className={styles.lamp} aria-hidden="true" />
      {texts[phase]}
    </span>
  );
}
