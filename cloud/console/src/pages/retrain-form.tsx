import { Button, NativeSelect } from '@mantine/core';
import type { JobView } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { jobsQuery, modelsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';

/** Trains a model again, with the fruit of stations that was labelled added to what its champion learned from. Nothing is rolled out. */
export function RetrainForm() {
  const client = useQueryClient();
  const { lacks } = useRole();
  const { data: versions = [] } = useQuery(modelsQuery);
  const models = [...new Set(versions.map(({ name }) => name))];
  const [chosen, setChosen] = useState<string>();
  const model = chosen ?? models[0];
  const start = useMutation({
    mutationFn: () => sendJson<JobView>('POST', '/v1/retrain', { model }),
    onSettled: () => client.invalidateQueries({ queryKey: jobsQuery.queryKey }),
  });
  const lack =
    lacks('operator') ?? (model === undefined ? 'There is no model yet: train one first.' : undefined);
  return (
    <form
      className={form.fields}
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate();
      }}
    >
      <NativeSelect
        label="Model"
        data={models}
        value={model ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <div className={form.submit}>
        <Button type="submit" loading={start.isPending} disabled={lack !== undefined} title={lack}>
          Train again
        </Button>
        {lack !== undefined && <span>{lack}</span>}
      </div>
      <Failure error={start.error} />
    </form>
  );
}
