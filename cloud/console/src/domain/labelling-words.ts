/** What is asked of somebody who labels, and the words for it. */
import type { LabelEntry, SampleView } from '@pomona/wire';

export type LabellingTask = 'label' | 'opinion' | 'decision' | 'quarantine';

/** What stands where no fruit waits. */
export const nothingWaits: Readonly<
  Record<LabellingTask, { readonly title: string; readonly text: string }>
> = {
  label: {
    title: 'No fruit waits for a label.',
    text: 'Stations send the fruit they are unsure of, and a few at random. Photographs that nobody sorted come from the page Datasets.',
  },
  opinion: {
    title: 'No fruit waits for your opinion.',
    text: 'A tenth of what others label comes here, without what they said.',
  },
  decision: {
    title: 'No two people differ.',
    text: 'Where a second person says otherwise than the first, a third or an admin decides here. Until then no model learns from it.',
  },
  quarantine: {
    title: 'No photograph is in quarantine.',
    text: 'What is too dark, too blurred or contradicts another waits here. Whoever grades it takes it all the same.',
  },
};

/** What is said of a sample, on which route. */
export const saidAs = {
  label: 'label',
  opinion: 'opinion',
  decision: 'decision',
  quarantine: 'label',
} as const;

export const reviewWords: Readonly<Record<SampleView['review'], string>> = {
  none: '',
  wanted: 'second opinion wanted',
  agreed: 'two agree',
  disputed: 'two differ: not learnt from',
  settled: 'decided',
  unresolved: 'cannot be told: not learnt from',
};

export const sourceWords: Readonly<Record<LabelEntry['source'], string>> = {
  console: 'in the console',
  api: 'by a program',
  'command-line': 'on the command line',
  'operator-page': 'at the line',
  'scenario-truth': 'from the simulated line, which knows',
  import: 'by its folder',
  unrecorded: 'where is not on record',
};

/** One entry of a sample's history, without who and when. */
export function entryWords({ kind, label, before, hidden }: LabelEntry): string {
  if (hidden) return 'said something that stays hidden until a second person has looked';
  if (kind === 'second') return label === null ? 'took the second opinion back' : `second opinion: ${label}`;
  if (kind === 'decision') return label === null ? 'decided: cannot be told' : `decided: ${label}`;
  if (label === null) return `took ${before ?? 'the label'} back`;
  return before === null ? `said ${label}` : `said ${label} instead of ${before}`;
}
