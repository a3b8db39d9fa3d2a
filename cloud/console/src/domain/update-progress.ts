import type { Reported, UpdateStateName } from '@pomona/wire';

export interface UpdateProgress {
  readonly state: UpdateStateName;
  readonly text: string;
  /** 0..1 while files are coming, else undefined. */
  readonly share: number | undefined;
  /** While files are coming: what need not come. */
  readonly reusedBytes: number;
  readonly tone: 'calm' | 'busy' | 'bad';
}

const texts: Record<UpdateStateName, string> = {
  idle: 'No update',
  planned: 'Planned',
  fetching: 'Fetching',
  verifying: 'Verifying',
  staged: 'Staged',
  'self-test': 'Self-test',
  probation: 'On probation',
  active: 'Active',
  failed: 'Failed',
  'rolled-back': 'Rolled back',
};

export function updateProgress(update: Reported['update']): UpdateProgress {
  const { state, fetchedBytes, totalBytes } = update;
  const fetching = state === 'fetching' && totalBytes > 0;
  return {
    state,
    text: texts[state],
    share: fetching ? Math.min(fetchedBytes / totalBytes, 1) : undefined,
    reusedBytes: fetching ? (update.reusedBytes ?? 0) : 0,
    tone: toneOf(state),
  };
}

function toneOf(state: UpdateStateName): UpdateProgress['tone'] {
  if (state === 'failed' || state === 'rolled-back') return 'bad';
  return state === 'idle' || state === 'active' ? 'calm' : 'busy';
}
