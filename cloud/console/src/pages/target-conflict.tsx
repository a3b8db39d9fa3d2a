import { Button } from '@mantine/core';
import type { ProjectView } from '@pomona/wire';
import { formatDateTime } from '../domain/format.ts';
import { bothChanged, changeWords, type DraftValue, type TargetField } from '../domain/target-fields.ts';
import { Notice } from '../parts/notice.tsx';
import styles from './rollouts.module.css';

interface TargetConflictProps {
  /** What was being changed, */
  readonly from: ProjectView;
  /** what somebody else made of it meanwhile, */
  readonly now: ProjectView;
  /** and the changes that are not saved. */
  readonly draft: Readonly<Record<string, DraftValue>>;
  readonly fields: readonly TargetField[];
  readonly onGoOn: () => void;
  readonly onLeave: () => void;
}

/** Two people changed the targets: what the other did, what both did, and what to do. */
export function TargetConflict({ from, now, draft, fields, onGoOn, onLeave }: TargetConflictProps) {
  const theirs = changeWords(from.targets, now.targets, fields);
  const both = bothChanged(from.targets, now.targets, draft, fields);
  return (
    <Notice
      tone="bad"
      title={`${now.actor ?? 'Somebody'} changed the targets while you did${now.at === null ? '' : ` (version ${now.version}, ${formatDateTime(now.at)})`}`}
    >
      <p>Nothing of yours is saved yet. The other changes:</p>
      <ul>
        {theirs.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p>
        {both.length === 0
          ? 'None of them is of what you changed: yours can go on top.'
          : `You both changed: ${both.join('; ')}. Yours would replace the other’s there.`}
      </p>
      <div className={styles.ask}>
        <Button size="compact-sm" onClick={onGoOn}>
          Put mine on top
        </Button>
        <Button size="compact-sm" variant="default" onClick={onLeave}>
          Leave mine, take theirs
        </Button>
      </div>
    </Notice>
  );
}
