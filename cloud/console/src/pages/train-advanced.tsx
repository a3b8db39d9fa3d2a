import { Checkbox, NativeSelect, NumberInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { modelsQuery, networksQuery } from '../data/queries.ts';
import { questions, type TrainFields } from '../domain/train-order.ts';
import form from '../parts/form.module.css';

interface TrainAdvancedProps {
  readonly fields: Omit<TrainFields, 'dataset'>;
  readonly onChange: (changed: Partial<TrainFields>) => void;
}

/** What may stay closed: everything in it is as recommended. */
export function TrainAdvanced({ fields, onChange }: TrainAdvancedProps) {
  const models = (useQuery(modelsQuery).data ?? []).filter(
    ({ weightsDigest }) => weightsDigest !== undefined,
  );
  const networks = useQuery(networksQuery).data ?? [];
  const network = networks.find(({ name, isDefault }) =>
    fields.network === '' ? isDefault : name === fields.network,
  );
  return (
    <details className={form.more}>
      <summary>
        Advanced <span>all of it may stay as it is</span>
      </summary>
      <fieldset className={form.fields}>
        <legend>How it begins</legend>
        <NativeSelect
          label="Start from"
          description="A model that knows some fruit learns more with fewer pictures."
          data={[
            { value: '', label: 'Nothing: learn from the beginning' },
            ...models.map(({ name, version }) => ({
              value: `${name}@${version}`,
              label: `${name}@${version}`,
            })),
          ]}
          value={fields.from}
          onChange={(event) => onChange({ from: event.currentTarget.value })}
        />
        <NativeSelect
          label="Kind of network"
          description={
            fields.from === '' ? (network?.summary ?? ' ') : 'That of the model that it starts from.'
          }
          disabled={fields.from !== ''}
          data={[
            { value: '', label: 'As recommended' },
            ...networks.map(({ name }) => ({ value: name, label: name })),
          ]}
          value={fields.from === '' ? fields.network : ''}
          onChange={(event) => onChange({ network: event.currentTarget.value })}
        />
        <NativeSelect
          label="Learns with"
          description="TensorFlow only where somebody installed it beside Pomona."
          data={[
            { value: '', label: 'What comes with Pomona' },
            { value: 'tensorflow', label: 'TensorFlow' },
          ]}
          value={fields.engine}
          onChange={(event) => onChange({ engine: event.currentTarget.value })}
        />
        <NumberInput
          label="At most minutes"
          description="Begins no pass after that."
          placeholder="no limit"
          min={0.1}
          max={10_000}
          value={fields.minutes ?? ''}
          onChange={(value) => onChange({ minutes: value === '' ? undefined : Number(value) })}
        />
      </fieldset>
      <fieldset className={form.fields}>
        <legend>What it must get used to</legend>
        {questions.map(({ name, label, choices }) => (
          <NativeSelect
            key={name}
            label={label}
            data={choices.map((choice) => ({ value: choice.value, label: choice.label }))}
            value={fields.answers[name] ?? ''}
            onChange={(event) =>
              onChange({ answers: { ...fields.answers, [name]: event.currentTarget.value } })
            }
          />
        ))}
        <Checkbox
          className={form.wide}
          label="Every lot or session counts the same, however many pictures it has"
          checked={fields.evenGroups}
          onChange={(event) => onChange({ evenGroups: event.currentTarget.checked })}
        />
      </fieldset>
      <fieldset className={form.fields}>
        <legend>How it is checked, and the rest</legend>
        <NativeSelect
          label="Check on fruit that it never saw"
          description="A second job trains once without each of them and judges on it, with the recommended settings. It takes as many trainings."
          data={[
            { value: '', label: 'No more than the usual check' },
            { value: 'variety', label: 'Leave out each variety' },
            { value: 'session', label: 'Leave out each session' },
            { value: 'line', label: 'Leave out each line' },
            { value: 'lot', label: 'Leave out each lot' },
          ]}
          value={fields.leaveOut}
          onChange={(event) => onChange({ leaveOut: event.currentTarget.value as TrainFields['leaveOut'] })}
        />
        <Textarea
          label="Settings by name"
          description="JSON, for who knows them; a model’s page lists all names. They win over what is chosen above."
          placeholder={'{"labelSmoothing": 0.1}'}
          autosize
          minRows={1}
          value={fields.recipe}
          onChange={(event) => onChange({ recipe: event.currentTarget.value })}
        />
      </fieldset>
    </details>
  );
}
