import { Button } from '@mantine/core';
import type { JobView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { useServerNow } from '../data/live.tsx';
import { jobsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime, formatPercent, none } from '../domain/format.ts';
import { jobWords } from '../domain/job-words.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { Curves } from '../parts/curves.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Failure } from '../parts/failure.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { JobResult } from './job-result.tsx';
import styles from './page.module.css';
import { Page } from './page.tsx';
import { ProposalNotice } from './proposal-notice.tsx';
import { RetrainForm } from './retrain-form.tsx';
import { TrainForm } from './train-form.tsx';
import own from './training-page.module.css';
import { TrainingRuns } from './training-runs.tsx';
import { TuneForm } from './tune-form.tsx';
import { TuneTrials } from './tune-trials.tsx';

/** Every training, the curves or trials of one of them, and forms to start another. */
export function TrainingPage() {
  const jobs = useQuery(jobsQuery);
  const [chosen, setChosen] = useState<number>();
  return (
    <Page title="Training">
      <ProposalNotice />
      <Answer query={jobs} height={300}>
        {(data) => {
          // Not every job learns: what is shown at first has curves or trials.
          const job = data.find(({ id }) => id === chosen) ?? data.find(isShown);
          return (
            <>
              {job?.kind === 'tune' && <TuneTrials job={job} />}
              {job !== undefined && job.epochs.length > 0 && <JobCurves job={job} />}
              {job !== undefined && job.id === chosen && job.kind !== 'tune' && job.result !== null && (
                <Panel title={`What came of ${job.kind} ${job.id}`}>
                  <JobResult job={job} />
                </Panel>
              )}
              <Panel title="Trainings" note="newest first">
                <JobTable jobs={data} onChoose={setChosen} />
              </Panel>
            </>
          );
        }}
      </Answer>
      <Panel title="Start a training" note="they run one after the other">
        <TrainForm />
      </Panel>
      <Panel
        title="Learn from what was labelled"
        note="adds the stations’ labelled fruit to what the champion learned from"
      >
        <RetrainForm />
      </Panel>
      <Panel title="Find what suits" note="tries networks, crops and settings, and trains the best of them">
        <TuneForm />
      </Panel>
      <TrainingRuns />
    </Page>
  );
}

/** Those below are asked for: the forms come after them. */
const jobsShown = 8;

/** The curve of a tuning is that of its full training, which comes last. */
function isShown({ kind, epochs }: JobView): boolean {
  return kind === 'tune' || epochs.length > 0;
}

const wholePercent = (share: number) => `${Math.round(share * 100)} %`;

function JobCurves({ job }: { readonly job: JobView }) {
  const { epochs } = job;
  const columns = useMemo(
    () => ({
      epoch: epochs.map(({ epoch }) => epoch),
      loss: epochs.map(({ loss }) => loss),
      validationLoss: epochs.map(({ validationLoss }) => validationLoss),
      accuracy: epochs.map(({ accuracy }) => accuracy),
      validationAccuracy: epochs.map(({ validationAccuracy }) => validationAccuracy),
    }),
    [epochs],
  );
  const note = 'by epoch; line: fruit it learns from, dashed: fruit it does not';
  return (
    <div className={styles.half}>
      <Panel title={`Loss of job ${job.id}`} note={note}>
        <Curves
          label="Loss by epoch"
          epochs={columns.epoch}
          train={columns.loss}
          validation={columns.validationLoss}
        />
      </Panel>
      <Panel title={`Accuracy of job ${job.id}`} note={note}>
        <Curves
          label="Accuracy by epoch"
          epochs={columns.epoch}
          train={columns.accuracy}
          validation={columns.validationAccuracy}
          format={wholePercent}
        />
      </Panel>
    </div>
  );
}

interface JobTableProps {
  readonly jobs: readonly JobView[];
  readonly onChoose: (id: number) => void;
}

function JobTable({ jobs, onChoose }: JobTableProps) {
  const client = useQueryClient();
  const { lacks } = useRole();
  const cancel = useMutation({
    mutationFn: (id: number) => sendJson<JobView>('POST', `/v1/jobs/${id}/cancel`),
    onSuccess: () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
  });
  if (jobs.length === 0) return <p>No training yet: start one below.</p>;
  const lack = lacks('operator');
  return (
    <>
      <ShowMore items={jobs} first={jobsShown}>
        {(shown) => (
          <DataTable>
            <thead>
              <tr>
                <th scope="col">Job</th>
                <th scope="col">State</th>
                <th scope="col">Started</th>
                <th scope="col">By</th>
                <th scope="col" className={table.number}>
                  Epochs
                </th>
                <th scope="col" className={table.number}>
                  Validation
                </th>
                <th scope="col">Note</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((job) => (
                <tr key={job.id}>
                  <th scope="row">
                    <Button
                      className={own.choose}
                      size="compact-sm"
                      variant="subtle"
                      onClick={() => onChoose(job.id)}
                    >
                      {job.kind} {job.id}
                    </Button>
                  </th>
                  <td>{job.state === 'running' ? <Running heardAt={job.heardAt} /> : job.state}</td>
                  <td className={table.whole}>
                    {job.startedAt === null ? none : formatDateTime(job.startedAt)}
                  </td>
                  <td>{job.actor}</td>
                  <td className={table.number}>{job.epochs.length}</td>
                  <td className={table.number}>{lastAccuracy(job)}</td>
                  <td>
                    {job.endedAt === null ? (
                      <Button
                        className={own.inRow}
                        size="compact-sm"
                        variant="default"
                        disabled={lack !== undefined}
                        title={lack}
                        onClick={() => cancel.mutate(job.id)}
                      >
                        Cancel
                      </Button>
                    ) : (
                      (job.error ?? jobWords(job))
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </DataTable>
        )}
      </ShowMore>
      <Failure error={cancel.error} />
    </>
  );
}

/** A job that lives says so every two seconds; a busy machine takes longer. */
const silentMs = 15_000;

/** One that is not heard of may be dead, and is failed when that has lasted a minute. */
function Running({ heardAt }: Pick<JobView, 'heardAt'>) {
  const nowMs = useServerNow();
  if (heardAt === null || nowMs - Date.parse(heardAt) <= silentMs) return 'running';
  return (
    <>
      running?
      <br />
      <small>
        last heard of <Ago at={heardAt} />
      </small>
    </>
  );
}

function lastAccuracy({ epochs }: JobView): string {
  const last = epochs.at(-1);
  return last === undefined ? none : formatPercent(last.validationAccuracy);
}
