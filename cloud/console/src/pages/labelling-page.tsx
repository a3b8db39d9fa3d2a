import { Button } from '@mantine/core';
import type { SampleList, SampleQuery } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { samplesQuery } from '../data/queries.ts';
import { formatCount } from '../domain/format.ts';
import type { LabellingTask } from '../domain/labelling-words.ts';
import { Answer } from '../parts/answer.tsx';
import { AgreementPanel } from './agreement-panel.tsx';
import { LabellingDesk } from './labelling-desk.tsx';
import styles from './labelling-page.module.css';
import { Page } from './page.tsx';

const queries: Readonly<Record<LabellingTask, SampleQuery>> = {
  label: { state: 'unlabelled', order: 'queue', limit: 200 },
  opinion: { state: 'second', limit: 200 },
  decision: { state: 'disputed', limit: 200 },
};
const names: Readonly<Record<LabellingTask, string>> = {
  label: 'New fruit',
  opinion: 'Second opinions',
  decision: 'Disputed',
};
const tasks = ['label', 'opinion', 'decision'] as const;

/** What people have to say of fruit: of that which helps most first, of what somebody else labelled, and of what two differ on. */
export function LabellingPage() {
  const [task, setTask] = useState<LabellingTask>('label');
  const samples = useQuery(samplesQuery(queries[task]));
  const { data } = useQuery(samplesQuery({ limit: 1 }));
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
      </div>
      <Answer query={samples} height={360}>
        {(list) => <LabellingDesk key={task} task={task} samples={list.samples} />}
      </Answer>
      <AgreementPanel />
    </Page>
  );
}

function waitingOf({ counts, reviews }: SampleList, task: LabellingTask): number {
  return { label: counts.unlabelled, opinion: reviews.second, decision: reviews.disputed }[task];
}
