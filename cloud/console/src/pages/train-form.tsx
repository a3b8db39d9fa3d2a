import { NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { JobView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { datasetsQuery } from '../data/queries.ts';
import { datasetChoices } from '../domain/dataset-choices.ts';
import { leaveOutOrder, type TrainFields, trainOrder, untouched } from '../domain/train-order.ts';
import { JobForm } from './job-form.tsx';
import { TrainAdvanced } from './train-advanced.tsx';

/** Starts a training; a dataset and a name are enough. */
export function TrainForm() {
  const datasets = datasetChoices(useQuery(datasetsQuery).data);
  const [fields, setFields] = useState<Omit<TrainFields, 'dataset'>>({ ...untouched, name: 'apples' });
  const [chosen, setChosen] = useState<string>();
  const dataset = chosen ?? datasets[0]?.value;
  const change = (changed: Partial<TrainFields>) => setFields((before) => ({ ...before, ...changed }));
  const start = async () => {
    const all = { ...fields, dataset: dataset ?? '' };
    const leftOut = leaveOutOrder(all);
    await sendJson<JobView>('POST', '/v1/jobs/train', trainOrder(all));
    if (leftOut !== undefined) await sendJson<JobView>('POST', '/v1/jobs/leave-out', leftOut);
  };
  return (
    <JobForm action="Train" lack={dataset === undefined ? noDataset : undefined} start={start}>
      <NativeSelect
        label="Dataset version"
        data={datasets}
        value={dataset ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <TextInput
        label="Model to add a version to"
        value={fields.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <NumberInput
        label="Passes over the pictures"
        placeholder="as recommended"
        min={1}
        max={10_000}
        value={fields.epochs ?? ''}
        onChange={(value) => change({ epochs: value === '' ? undefined : Number(value) })}
      />
      <TrainAdvanced fields={fields} onChange={change} />
    </JobForm>
  );
}

const noDataset = (
  <>
    There is no dataset version yet: bring one in with <code>pnpm pomona dataset import</code>.
  </>
);
