import { NativeSelect } from '@mantine/core';
import type { JobView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { modelsQuery } from '../data/queries.ts';
import { JobForm } from './job-form.tsx';

/** Trains a model again, with the fruit of stations that was labelled added to what its champion learned from. Nothing is rolled out. */
export function RetrainForm() {
  const { data: versions = [] } = useQuery(modelsQuery);
  const models = [...new Set(versions.map(({ name }) => name))];
  const [chosen, setChosen] = useState<string>();
  const model = chosen ?? models[0];
  return (
    <JobForm
      action="Train again"
      lack={model === undefined ? 'There is no model yet: train one first.' : undefined}
      start={() => sendJson<JobView>('POST', '/v1/retrain', { model })}
    >
      <NativeSelect
        label="Model"
        data={models}
        value={model ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
    </JobForm>
  );
}
