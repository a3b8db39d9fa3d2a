import { Progress } from '@mantine/core';
import type { Reported } from '@pomona/wire';
import { formatBytes, formatPercent } from '../domain/format.ts';
import { updateProgress } from '../domain/update-progress.ts';
import styles from './update-state.module.css';

/** How far an update is: the state's name, a bar while files come, the reason when it failed. */
export function UpdateState({ update }: { readonly update: Reported['update'] }) {
  const { text, share, reusedBytes, tone } = updateProgress(update);
  const what = update.release === null ? '' : ` ${update.release.name} v${update.release.version}`;
  return (
    <div className={styles.update} data-tone={tone}>
      <span>
        {text}
        {tone !== 'calm' && what}
        {share !== undefined && ` · ${formatPercent(share)} of ${formatBytes(update.totalBytes)}`}
        {reusedBytes > 0 && `, ${formatBytes(reusedBytes)} of it from earlier releases`}
      </span>
      {share !== undefined && <Progress value={share * 100} size="sm" aria-label={`${text}${what}`} />}
      {update.reason !== null && <span className={styles.reason}>{update.reason}</span>}
    </div>
  );
}
