import { Button, Kbd } from '@mantine/core';
import type { SampleView } from '@pomona/wire';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { samplesQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatCount, formatPercent } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { SamplePicture } from '../parts/sample-picture.tsx';
import styles from './labelling-page.module.css';
import { Page } from './page.tsx';

const query = { state: 'unlabelled', order: 'uncertain', limit: 200 } as const;

/** One fruit after the other, the most uncertain first, by keys: 1, 2, 3 … for a grade, S to skip, U to undo. */
export function LabellingPage() {
  const samples = useQuery(samplesQuery(query));
  const left = samples.data?.counts.unlabelled;
  return (
    <Page title="Labelling" note={left === undefined ? undefined : `${formatCount(left)} left`}>
      <Answer query={samples} height={360}>
        {(data) => <Queue samples={data.samples} />}
      </Answer>
    </Page>
  );
}

function Queue({ samples }: { readonly samples: readonly SampleView[] }) {
  const client = useQueryClient();
  const lack = useRole().lacks('operator');
  const [skipped, setSkipped] = useState<readonly number[]>([]);
  const [done, setDone] = useState<readonly SampleView[]>([]);
  const [again, setAgain] = useState<SampleView>();
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const isWaiting = ({ id }: SampleView) => !skipped.includes(id) && !done.some((one) => one.id === id);
  const current = again ?? samples.find(isWaiting);

  const say = async (sample: SampleView, label: string | null): Promise<boolean> => {
    setSending(true);
    try {
      await sendJson<SampleView>('PUT', `/v1/samples/${sample.id}/label`, { label });
      setProblem(undefined);
      await client.invalidateQueries({ queryKey: ['samples'] });
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      setSending(false);
    }
  };
  const give = async (label: string) => {
    if (lack !== undefined || current === undefined || isSending || !(await say(current, label))) return;
    setDone([...done, current]);
    setAgain(undefined);
  };
  const undo = async () => {
    const last = done.at(-1);
    if (lack !== undefined || last === undefined || isSending || !(await say(last, null))) return;
    setDone(done.slice(0, -1));
    setAgain(last);
  };
  const skip = () => {
    if (current === undefined || isSending) return;
    setSkipped([...skipped, current.id]);
    setAgain(undefined);
  };
  const grades = orderGrades(current?.labels ?? []);
  useKeys((key) => {
    const grade = grades[Number(key) - 1];
    if (grade !== undefined) void give(grade);
    else if (key === 's') skip();
    else if (key === 'u') void undo();
  });

  const actions = (
    <div className={styles.actions}>
      {grades.map((grade, i) => (
        <Button
          key={grade}
          variant="default"
          size="md"
          disabled={lack !== undefined || isSending}
          title={lack}
          onClick={() => void give(grade)}
        >
          <GradeMark grade={grade} labels={grades} />
          <Kbd ml="sm">{i + 1}</Kbd>
        </Button>
      ))}
      <Button variant="subtle" size="md" disabled={current === undefined || isSending} onClick={skip}>
        Skip <Kbd ml="sm">S</Kbd>
      </Button>
      <Button
        variant="subtle"
        size="md"
        disabled={lack !== undefined || done.length === 0 || isSending}
        title={lack}
        onClick={() => void undo()}
      >
        Undo <Kbd ml="sm">U</Kbd>
      </Button>
    </div>
  );
  return (
    <>
      {problem !== undefined && <Notice tone="bad" title={problem} />}
      {current === undefined ? (
        <Panel title="Fruit">
          <Notice tone="calm" title="No fruit waits for a label.">
            <p>
              Stations send the fruit they are unsure of, and a few at random.{' '}
              {skipped.length > 0 && `${skipped.length} were skipped; reload the page to see them again. `}
              <Link to="/samples">See all samples</Link>
            </p>
          </Notice>
          {done.length > 0 && actions}
        </Panel>
      ) : (
        <Panel title="Fruit" note={lack ?? `${formatCount(done.length)} labelled now`}>
          <SamplePicture sample={current} />
          {actions}
          <Facts facts={factsOf(current)} />
        </Panel>
      )}
    </>
  );
}

function factsOf(sample: SampleView): [string, React.ReactNode][] {
  const shares = orderGrades(sample.labels).map(
    (label) => `${label} ${formatPercent(sample.probabilities[sample.labels.indexOf(label)] ?? 0)}`,
  );
  return [
    ['The model thought', shares.join(' · ')],
    ['It was graded', <GradeMark key="grade" grade={sample.fruit.grade} labels={sample.labels} />],
    ['Why it is here', reasons[sample.reason]],
    ['Station', `${sample.station}, lane ${sample.fruit.lane + 1}`],
    ['Model', `${sample.release.name} v${sample.release.version}`],
    ['Seen', <Ago key="ago" at={sample.at} />],
  ];
}

const reasons = { uncertain: 'the model was unsure', random: 'chosen at random', asked: 'asked for' };

function useKeys(onKey: (key: string) => void): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof Element && event.target.matches('input, textarea, select');
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping) return;
      onKey(event.key.toLowerCase());
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
}
