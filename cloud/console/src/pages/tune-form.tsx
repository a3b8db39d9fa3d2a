import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { JobView, TuneOrder } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { datasetsQuery, networksQuery } from '../data/queries.ts';
import { datasetChoices } from '../domain/dataset-choices.ts';
import form from '../parts/form.module.css';
import { JobForm } from './job-form.tsx';

/** Starts a search for the network, crops and settings that suit a dataset. */
export function TuneForm() {
  const datasets = datasetChoices(useQuery(datasetsQuery).data);
  const networks = useQuery(networksQuery).data ?? [];
  const [chosen, setChosen] = useState<string>();
  const [name, setName] = useState('apples');
  const [budgetMinutes, setBudgetMinutes] = useState(10);
  const [trials, setTrials] = useState(8);
  const [tried, setTried] = useState<readonly string[]>(['sequential', 'compact']);
  const dataset = chosen ?? datasets[0]?.value;
  const order: TuneOrder = {
    ...{ dataset: dataset ?? '', name, budgetMinutes, trials },
    networks: [...tried],
  };
  return (
    <JobForm
      action="Tune"
      lack={lackOf(dataset, tried)}
      note="The training of the best comes on top of that time."
      start={() => sendJson<JobView>('POST', '/v1/jobs/tune', order)}
    >
      <NativeSelect
        label="Dataset version"
        data={datasets}
        value={dataset ?? ''}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <TextInput
        label="Model to add a version to"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NumberInput
        label="Minutes for trying"
        min={1}
        max={10_000}
        value={budgetMinutes}
        onChange={(value) => setBudgetMinutes(Number(value))}
      />
      <details className={form.more}>
        <summary>
          Advanced <span>all of it may stay as it is</span>
        </summary>
        <fieldset className={form.fields}>
          <legend>What is tried</legend>
          <NumberInput
            label="Settings to try"
            description="The better half of them is then tried for longer, and so on."
            min={1}
            max={1_000}
            value={trials}
            onChange={(value) => setTrials(Number(value))}
          />
          <Checkbox.Group label="Kinds of network" value={[...tried]} onChange={setTried}>
            {networks.map((network) => (
              <Checkbox key={network.name} mt={6} value={network.name} label={network.name} />
            ))}
          </Checkbox.Group>
        </fieldset>
      </details>
    </JobForm>
  );
}

function lackOf(dataset: string | undefined, tried: readonly string[]): string | undefined {
  if (dataset === undefined) return 'There is no dataset version yet.';
  return tried.length === 0 ? 'Choose a kind of network.' : undefined;
}
