import { Button, NativeSelect } from '@mantine/core';
import type { SampleList, SampleQuery } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { photographsQuery, samplesQuery } from '../data/queries.ts';
import { formatCount } from '../domain/format.ts';
import type { LabellingTask } from '../domain/labelling-words.ts';
import { Answer } from '../parts/answer.tsx';
import { AgreementPanel } from './agreement-panel.tsx';
import { LabellingDesk } from './labelling-desk.tsx';
import styles from './labelling-page.module.css';
import { Page } from './page.tsx';

const queries: Readonly<Record<LabellingTask, SampleQuery>> = {
  quarantine: { state: 'quarantined', limit: 200 },
  label: { state: 'unlabelled', order: 'queue', limit: 200 },
  opinion: { state: 'second', limit: 200 },
  decision: { state: 'disputed', limit: 200 },
};
const names: Readonly<Record<LabellingTask, string>> = {
  label: 'New fruit',
  opinion: 'Second opinions',
  decision: 'Disputed',
  quarantine: 'Quarantined',
};
const tasks = ['label', 'opinion', 'decision', 'quarantine'] as const;

/** What people have to say of fruit: of that which helps most first, of what somebody else labelled, and of what two differ on. */
export function LabellingPage() {
  const [task, setTask] = useState<LabellingTask>('label');
  const [from, setFrom] = useState('');
  const only = from === '' ? {} : { dataset: from };
  const samples = useQuery(samplesQuery({ ...queries[task], ...only }));
  const { data } = useQuery(samplesQuery({ limit: 1, ...only }));
  const datasets = (useQuery(photographsQuery).data ?? []).map(({ dataset }) => dataset);
  return (
    <Page title="Labelling" note={data && `${formatCount(data.counts.unlabelled)} left`}>
      <div className={styles.tasks}>
        {tasks.map((each) => (
          <Button
            key={each}
            variant={each === task ? 'light' : 'subtle'}
            aria-pressed={each === task}
            onClick={() => setTask(each)}
          >
            {names[each]} {data && formatCount(waitingOf(data, each))}
          </Button>
        ))}
        {datasets.length > 0 && (
          <NativeSelect
            aria-label="Which fruit"
            value={from}
            data={[
              { value: '', label: 'All fruit' },
              ...datasets.map((name) => ({ value: name, label: `Photographs for ${name}` })),
            ]}
            onChange={(event) => setFrom(event.currentTarget.value)}
          />
        )}
      </div>
      <Answer query={samples} height={360}>
        {(list) => <LabellingDesk key={`${task} ${from}`} task={task} samples={list.samples} />}
      </Answer>
      <AgreementPanel />
    </Page>
  );
}

function waitingOf({ counts, reviews }: SampleList, task: LabellingTask): number {
  const { second: opinion, disputed: decision } = reviews;
  return { label: counts.unlabelled, opinion, decision, quarantine: counts.quarantined }[task];
}
