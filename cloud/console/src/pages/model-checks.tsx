import { NativeSelect, TextInput } from '@mantine/core';
import type { DatasetView, EvaluatedSplit, JobView, LeaveOutBy, ModelView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { datasetsQuery, jobsQuery } from '../data/queries.ts';
import { checksOf } from '../domain/checks-of.ts';
import { formatDateTime, shortDigest } from '../domain/format.ts';
import form from '../parts/form.module.css';
import { Panel } from '../parts/panel.tsx';
import { JobForm } from './job-form.tsx';
import { JobResult } from './job-result.tsx';

type Check = 'calibrate' | 'evaluate' | 'leave-out';

const checks: Readonly<Record<Check, { readonly label: string; readonly means: string }>> = {
  calibrate: {
    label: 'Calibrate on photographs',
    means:
      'Makes a new version: the network stays, and how sure it must be for each grade is fitted to the photographs. Takes a minute or two; at least five photographs of every grade.',
  },
  evaluate: {
    label: 'Evaluate on a dataset',
    means: 'Says how often this version is right there. Nothing is changed.',
  },
  'leave-out': {
    label: 'Leave one group out',
    means:
      'Trains as this version was trained, once without each session (variety, …), and judges on what was left out: what to expect of fruit of a kind that was never seen. As long as that many trainings; nothing is changed.',
  },
};

const splits: Readonly<Record<EvaluatedSplit, string>> = {
  ...{ test: 'the test split', validation: 'the validation split', train: 'the train split', all: 'all' },
};

const bys: readonly LeaveOutBy[] = ['session', 'variety', 'line', 'lot', 'group'];

/** Calibrates a version and holds it against other photographs, and shows what came of it. */
export function ModelChecks({ model }: { readonly model: ModelView }) {
  const jobs = useQuery(jobsQuery).data ?? [];
  const [chosen, setChosen] = useState<number>();
  const mine = checksOf(jobs, model);
  const job = mine.find(({ id }) => id === chosen) ?? mine[0];
  return (
    <Panel title="Calibrate and evaluate" note="on photographs that it did not learn from">
      <CheckForm model={model} onStart={setChosen} />
      {job !== undefined && (
        <div className={form.below}>
          <NativeSelect
            label="What came of it"
            data={mine.map((each) => ({ value: `${each.id}`, label: titleOf(each) }))}
            value={job.id}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
          <div className={form.below}>
            <JobResult job={job} />
          </div>
        </div>
      )}
    </Panel>
  );
}

function titleOf({ id, kind, request, state, createdAt }: JobView): string {
  const what = 'by' in request ? `leave out each ${request.by}` : kind;
  const { dataset } = request as { readonly dataset?: { readonly name: string } };
  return `${what} ${dataset?.name ?? ''}, ${formatDateTime(createdAt)}: ${state} (job ${id})`;
}

interface CheckFormProps {
  readonly model: ModelView;
  readonly onStart: (job: number) => void;
}

function CheckForm({ model, onStart }: CheckFormProps) {
  const [check, setCheck] = useState<Check>('calibrate');
  const all = useQuery(datasetsQuery).data ?? [];
  const learnedFrom = all.find(
    ({ name, digest }) => name === model.dataset.name && digest === model.dataset.digest,
  );
  // Crops of another size fit no network but one that learns from them.
  const suits = ({ inputSize }: DatasetView) =>
    check === 'leave-out' || learnedFrom === undefined || inputSize === learnedFrom.inputSize;
  const datasets = all
    .filter(suits)
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
    .map(({ name, digest, inputSize }) => ({
      value: `${name}@${digest}`,
      label: `${name} ${shortDigest(digest)}, ${inputSize} px`,
    }));
  const [chosen, setChosen] = useState<string>();
  const [split, setSplit] = useState<EvaluatedSplit>('test');
  const [by, setBy] = useState<LeaveOutBy>('session');
  const [reason, setReason] = useState('');
  const own = `${model.dataset.name}@${model.dataset.digest}`;
  // It is calibrated and judged on what is new to it, and trained anew on what it learned from.
  const others = datasets.filter(({ value }) => value !== own);
  const usual = check === 'leave-out' ? own : (others[0]?.value ?? datasets[0]?.value);
  const dataset = datasets.some(({ value }) => value === chosen) ? chosen : usual;
  const start = () =>
    sendJson<JobView>('POST', `/v1/jobs/${check}`, {
      ...{ model: `${model.name}@${model.version}`, dataset },
      ...(check === 'evaluate' ? { split } : {}),
      ...(check === 'leave-out' ? { by } : {}),
      ...(check === 'calibrate' && reason.trim() !== '' ? { reason } : {}),
    });
  const ofSize =
    learnedFrom === undefined || check === 'leave-out'
      ? ''
      : ` Its crops have a side of ${learnedFrom.inputSize} pixels; datasets of others are not in the list.`;
  return (
    <JobForm
      action={checks[check].label}
      lack={dataset === undefined ? 'There is no dataset for it yet.' : undefined}
      note={`${checks[check].means}${ofSize}`}
      start={start}
      onStart={({ id }) => onStart(id)}
    >
      <NativeSelect
        label="What to do"
        data={Object.entries(checks).map(([value, { label }]) => ({ value, label }))}
        value={check}
        onChange={(event) => setCheck(event.currentTarget.value as Check)}
      />
      <NativeSelect
        label="Dataset"
        data={datasets}
        value={dataset ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      {check === 'evaluate' && (
        <NativeSelect
          label="Images of it"
          data={Object.entries(splits).map(([value, label]) => ({ value, label }))}
          value={split}
          onChange={(event) => setSplit(event.currentTarget.value as EvaluatedSplit)}
        />
      )}
      {check === 'leave-out' && (
        <NativeSelect
          label="Leave out each"
          data={[...bys]}
          value={by}
          onChange={(event) => setBy(event.currentTarget.value as LeaveOutBy)}
        />
      )}
      {check === 'calibrate' && (
        <TextInput
          label="Reason, for the log"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
      )}
    </JobForm>
  );
}
