import { Button, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { GiveRecipeRequest, ModelView, Recipe, RecipeDryRun } from '@pomona/wire';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { exampleRecipesQuery, modelsQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { recipeName } from '../domain/recipe-words.ts';
import { Failure } from '../parts/failure.tsx';
import form from '../parts/form.module.css';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { DryRunResult } from './dry-run-result.tsx';
import styles from './recipes-page.module.css';

const inForceName = 'the recipe above';
const hourMs = 3_600_000;

/** Another recipe: what it would have changed on stored fruit, and a version of a model that grades by it. */
export function RecipeTrial({ inForce }: { readonly inForce: Recipe | undefined }) {
  const examples = useQuery(exampleRecipesQuery).data ?? [];
  const models = useQuery(modelsQuery).data ?? [];
  const names = [...new Set(models.map(({ name }) => name))];
  const { lacks } = useRole();
  const lack = lacks('operator');
  const [text, setText] = useState('');
  const [chosenModel, setModel] = useState<string>();
  const [hours, setHours] = useState<number>(24);
  const model = chosenModel ?? names[0] ?? '';
  const document = parsed(text);
  const try_ = useMutation({
    mutationFn: () =>
      sendJson<RecipeDryRun>('POST', '/v1/recipes/dry-run', {
        recipe: document.value,
        model,
        since: new Date(Date.now() - hours * hourMs).toISOString(),
      }),
  });
  const startFrom = (name: string) => {
    const found = name === inForceName ? inForce : examples.find((each) => each.name === name);
    try_.reset();
    setText(found === undefined ? '' : JSON.stringify(found, null, 2));
  };
  const isReady = document.value !== undefined && model !== '';
  return (
    <Panel title="Try another" note="nothing changes on the lines until a version with it is rolled out">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          try_.mutate();
        }}
      >
        <div className={form.fields}>
          <NativeSelect
            label="Start from"
            data={[
              { value: '', label: 'choose one' },
              ...(inForce === undefined ? [] : [inForceName]),
              ...examples.flatMap(({ name }) => name ?? []),
            ]}
            onChange={(event) => startFrom(event.currentTarget.value)}
          />
          <NativeSelect
            label="Fruit of"
            data={names}
            value={model}
            onChange={(event) => setModel(event.currentTarget.value)}
          />
          <NumberInput
            label="Of the last hours"
            min={1}
            max={8_760}
            allowDecimal={false}
            value={hours}
            onChange={(value) => setHours(Math.max(1, Number(value)))}
          />
        </div>
        <Textarea
          className={form.below}
          classNames={{ input: styles.document }}
          label="The recipe, as JSON"
          description="Count version up before you give it to a model that has one."
          rows={12}
          spellCheck={false}
          value={text}
          error={text === '' ? undefined : document.problem}
          onChange={(event) => {
            try_.reset();
            setText(event.currentTarget.value);
          }}
        />
        <div className={`${form.submit} ${form.below}`}>
          <Button
            type="submit"
            loading={try_.isPending}
            disabled={lack !== undefined || !isReady}
            title={lack}
          >
            What would have changed?
          </Button>
          {lack !== undefined && <span>{lack}</span>}
        </div>
        <Failure error={try_.error} />
      </form>
      {try_.data !== undefined && <DryRunResult found={try_.data} />}
      <Give recipe={document.value} model={model} lack={lack} />
    </Panel>
  );
}

interface GiveProps {
  readonly recipe: Record<string, unknown> | undefined;
  readonly model: string;
  readonly lack: string | undefined;
}

/** The way to the stations: a version with the same network and this recipe, which is rolled out like any. */
function Give({ recipe, model, lack }: GiveProps) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const give = useMutation({
    mutationFn: (body: GiveRecipeRequest) => sendJson<ModelView>('POST', '/v1/recipes', body),
    onSuccess: async () => {
      setReason('');
      await client.invalidateQueries({ queryKey: modelsQuery.queryKey });
    },
  });
  return (
    <form
      className={`${form.fields} ${form.below}`}
      onSubmit={(event) => {
        event.preventDefault();
        if (recipe !== undefined) give.mutate({ recipe, model, reason });
      }}
    >
      <TextInput
        label={`Reason to make a version of ${model === '' ? 'a model' : model} with it`}
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <div className={form.submit}>
        <Button
          type="submit"
          variant="default"
          loading={give.isPending}
          disabled={lack !== undefined || recipe === undefined || model === '' || reason.trim().length < 3}
          title={lack}
        >
          Make the version
        </Button>
      </div>
      <Failure error={give.error} />
      {give.data !== undefined && <Given model={give.data} />}
    </form>
  );
}

function Given({ model: { name, version, recipe } }: { readonly model: ModelView }) {
  return (
    <Notice tone="calm" title={`${name} v${version} grades by ${recipe ? recipeName(recipe) : 'it'}.`}>
      <p>
        <Link to="/models/$name/$version" params={{ name, version: String(version) }}>
          See its gates
        </Link>
        , then <Link to="/rollouts">roll it out</Link>: stations that have the network fetch only its
        manifest.
      </p>
    </Notice>
  );
}

interface Parsed {
  readonly value?: Record<string, unknown>;
  readonly problem?: string;
}

function parsed(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown> };
    return { problem: 'This is JSON, but no object.' };
  } catch (error) {
    if (error instanceof SyntaxError) return { problem: `This is no JSON: ${error.message}` };
    throw error;
  }
}
