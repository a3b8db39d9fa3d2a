import { Button, Kbd } from '@mantine/core';
import type { SampleView } from '@pomona/wire';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiProblem, sendJson } from '../adapters/api.ts';
import { useRole } from '../data/role.ts';
import { formatCount } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { type LabellingTask, nothingWaits, saidAs } from '../domain/labelling-words.ts';
import { Facts } from '../parts/facts.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { SamplePicture } from '../parts/sample-picture.tsx';
import { labellingFacts } from './labelling-facts.tsx';
import styles from './labelling-page.module.css';

interface LabellingDeskProps {
  readonly task: LabellingTask;
  readonly samples: readonly SampleView[];
}

/** One fruit after the other, by keys: 1, 2, 3 … for a grade, S to skip, U to undo, X for what cannot be told. */
export function LabellingDesk({ task, samples }: LabellingDeskProps) {
  const client = useQueryClient();
  const role = useRole();
  const [skipped, setSkipped] = useState<readonly number[]>([]);
  const [done, setDone] = useState<readonly SampleView[]>([]);
  // The order may change with every label; the fruit that somebody looks at stays until they have done with it.
  const [held, setHeld] = useState(samples[0]);
  const [problem, setProblem] = useState<string>();
  const [isSending, setSending] = useState(false);
  const isWaiting = ({ id }: SampleView) => !skipped.includes(id) && !done.some((one) => one.id === id);
  const current = held ?? samples.find(isWaiting);
  const lack = role.lacks('operator') ?? ownDispute(task, current, role.caller);

  const goOn = () => setHeld(samples.find((sample) => sample.id !== current?.id && isWaiting(sample)));
  const leave = (sample: SampleView) => {
    setSkipped([...skipped, sample.id]);
    goOn();
  };
  const say = async (sample: SampleView, label: string | null): Promise<boolean> => {
    setSending(true);
    try {
      const body = saidAs[task] === 'label' && label !== null ? { label, unlessLabelled: true } : { label };
      await sendJson<SampleView>('PUT', `/v1/samples/${sample.id}/${saidAs[task]}`, body);
      setProblem(undefined);
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      // Somebody else was faster: that is no reason to stand still.
      if (error instanceof ApiProblem && error.status === 409) leave(sample);
      return false;
    } finally {
      await client.invalidateQueries({ queryKey: ['samples'] });
      setSending(false);
    }
  };
  const give = async (label: string | null) => {
    if (lack !== undefined || current === undefined || isSending || !(await say(current, label))) return;
    setDone([...done, current]);
    goOn();
  };
  const undo = async () => {
    const last = done.at(-1);
    if (lack !== undefined || last === undefined || isSending || task === 'decision') return;
    if (!(await say(last, null))) return;
    setDone(done.slice(0, -1));
    setHeld(last);
  };
  const skip = () => {
    if (current !== undefined && !isSending) leave(current);
  };
  const grades = orderGrades(current?.labels ?? []);
  useKeys((key) => {
    const grade = grades[Number(key) - 1];
    if (grade !== undefined) void give(grade);
    else if (key === 's') skip();
    else if (key === 'u') void undo();
    else if (key === 'x' && task === 'decision') void give(null);
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
      {task === 'decision' && (
        <Button
          variant="default"
          size="md"
          disabled={lack !== undefined || isSending}
          title={lack}
          onClick={() => void give(null)}
        >
          Cannot be told <Kbd ml="sm">X</Kbd>
        </Button>
      )}
      <Button variant="subtle" size="md" disabled={current === undefined || isSending} onClick={skip}>
        Skip <Kbd ml="sm">S</Kbd>
      </Button>
      {task !== 'decision' && (
        <Button
          variant="subtle"
          size="md"
          disabled={lack !== undefined || done.length === 0 || isSending}
          title={lack}
          onClick={() => void undo()}
        >
          Undo <Kbd ml="sm">U</Kbd>
        </Button>
      )}
    </div>
  );
  return (
    <>
      {problem !== undefined && <Notice tone="bad" title={problem} />}
      {current === undefined ? (
        <Panel title="Fruit">
          <Notice tone="calm" title={nothingWaits[task].title}>
            <p>
              {nothingWaits[task].text}{' '}
              {skipped.length > 0 && `Skipped: ${skipped.length}; reload the page to see them again. `}
              <Link to="/samples">See all samples</Link>
            </p>
          </Notice>
          {done.length > 0 && actions}
        </Panel>
      ) : (
        <Panel title="Fruit" note={lack ?? `${formatCount(done.length)} ${doneWords[task]}`}>
          <SamplePicture sample={current} />
          {actions}
          <Facts facts={labellingFacts(task, current)} />
        </Panel>
      )}
    </>
  );
}

const doneWords = {
  label: 'labelled now',
  opinion: 'looked at now',
  decision: 'decided now',
  quarantine: 'taken now',
} as const;

/** Why whoever sits here must leave a dispute to others. */
function ownDispute(
  task: LabellingTask,
  sample: SampleView | undefined,
  caller: ReturnType<typeof useRole>['caller'],
): string | undefined {
  if (task !== 'decision' || sample === undefined || caller === null || caller.role === 'admin')
    return undefined;
  if (![sample.labelledBy, sample.second?.by].includes(caller.name)) return undefined;
  return 'You are one of the two who differ; a third person or an admin decides.';
}

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
