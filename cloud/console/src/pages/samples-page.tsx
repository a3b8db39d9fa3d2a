import { Button, NativeSelect } from '@mantine/core';
import type { SampleQuery, SampleView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Fragment, useState } from 'react';
import { overviewQuery, photographsQuery, samplesQuery } from '../data/queries.ts';
import { formatCount, formatDateTime, formatPercent, none } from '../domain/format.ts';
import { reviewWords } from '../domain/labelling-words.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { GradeMark } from '../parts/grade-mark.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { SamplePicture } from '../parts/sample-picture.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { CorrectLabel } from './correct-label.tsx';
import { LabelHistory } from './label-history.tsx';
import styles from './labelling-page.module.css';
import { Page } from './page.tsx';

interface Filter {
  readonly station: string;
  readonly reason: string;
  readonly dataset: string;
  readonly state: string;
}

/** Every fruit that stations sent and people imported, newest first. */
export function SamplesPage() {
  const [filter, setFilter] = useState<Filter>({ station: '', reason: '', dataset: '', state: '' });
  const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  const samples = useQuery(samplesQuery({ ...(chosen as SampleQuery), limit: 500 }));
  const counts = samples.data?.counts;
  const note = counts && `${formatCount(counts.labelled)} labelled, ${formatCount(counts.unlabelled)} not`;
  return (
    <Page title="Data" note={note}>
      <Filters filter={filter} onChange={setFilter} />
      <Answer query={samples} height={420}>
        {(data) =>
          data.samples.length === 0 ? (
            <Notice tone="calm" title="No sample is like that.">
              <p>
                Stations send the fruit they are unsure of, and a few at random, once they run a model. Choose
                “all” to see every one.
              </p>
            </Notice>
          ) : (
            <Panel title="Samples">
              <ShowMore items={data.samples} first={25}>
                {(shown) => <SampleTable samples={shown} />}
              </ShowMore>
            </Panel>
          )
        }
      </Answer>
    </Page>
  );
}

interface FiltersProps {
  readonly filter: Filter;
  readonly onChange: (filter: Filter) => void;
}

const reasons = {
  uncertain: 'unsure',
  random: 'at random',
  asked: 'asked for',
  disagreeing: 'a candidate differs',
  photograph: 'photograph',
} as const;

function Filters({ filter, onChange }: FiltersProps) {
  const stations = useQuery(overviewQuery).data?.stations ?? [];
  const select = (
    name: keyof Filter,
    label: string,
    values: readonly (string | { value: string; label: string })[],
  ) => (
    <NativeSelect
      label={label}
      value={filter[name]}
      data={[{ value: '', label: 'all' }, ...values]}
      onChange={(event) => onChange({ ...filter, [name]: event.currentTarget.value })}
    />
  );
  const names = stations.map(({ station }) => station);
  const datasets = (useQuery(photographsQuery).data ?? []).map(({ dataset }) => dataset);
  return (
    <div className={styles.filters}>
      {select('station', 'Station', names)}
      {select(
        'reason',
        'Reason',
        Object.entries(reasons).map(([value, label]) => ({ value, label })),
      )}
      {select('dataset', 'Photographs for', datasets)}
      {select('state', 'Label', ['labelled', 'unlabelled', 'disputed', 'unresolved', 'quarantined'])}
    </div>
  );
}

const columns = 9;

function SampleTable({ samples }: { readonly samples: readonly SampleView[] }) {
  const [open, setOpen] = useState<number>();
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Fruit</th>
          <th scope="col">Seen</th>
          <th scope="col">From</th>
          <th scope="col">Reason</th>
          <th scope="col">Graded</th>
          <th scope="col" className={table.number}>
            Sure
          </th>
          <th scope="col">Label</th>
          <th scope="col">By</th>
          <th scope="col">History</th>
        </tr>
      </thead>
      <tbody>
        {samples.map((sample) => (
          <Fragment key={sample.id}>
            <tr>
              <td>
                <SamplePicture sample={sample} size="small" />
              </td>
              <td className={table.whole}>{formatDateTime(sample.at)}</td>
              <td className={styles.from}>{sample.station ?? sample.photograph?.path}</td>
              <td>{reasons[sample.reason]}</td>
              <td>
                {sample.fruit === null ? (
                  none
                ) : (
                  <GradeMark grade={sample.fruit.grade} labels={sample.labels} />
                )}
              </td>
              <td className={table.number}>
                {sample.fruit === null ? none : formatPercent(1 - sample.uncertainty)}
              </td>
              <td>
                <Label sample={sample} />
              </td>
              <td>{sample.labelledBy ?? none}</td>
              <td>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-expanded={open === sample.id}
                  aria-label={open === sample.id ? 'Hide history' : 'Show history'}
                  onClick={() => setOpen(open === sample.id ? undefined : sample.id)}
                >
                  {open === sample.id ? 'Hide' : 'Show'}
                </Button>
              </td>
            </tr>
            {open === sample.id && (
              <tr>
                <td colSpan={columns}>
                  <LabelHistory id={sample.id} />
                  <CorrectLabel sample={sample} />
                </td>
              </tr>
            )}
          </Fragment>
        ))}
      </tbody>
    </DataTable>
  );
}

function Label({ sample }: { readonly sample: SampleView }) {
  const isHidden = sample.label === null && sample.labelledAt !== null;
  return (
    <>
      {sample.label === null ? (
        isHidden ? (
          'hidden'
        ) : (
          none
        )
      ) : (
        <GradeMark grade={sample.label} labels={sample.labels} />
      )}
      <div className={table.soft}>{reviewWords[sample.review]}</div>
    </>
  );
}
