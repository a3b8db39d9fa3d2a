import { Button, Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import {
  defaultRolloutPlan,
  type ModelView,
  type RolloutDetail,
  type ShadowPlan,
  type StationQuery,
} from '@pomona/wire';
import { useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import { aliasesQuery, modelsQuery, rolloutPreviewQuery } from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatCounted } from '../domain/format.ts';
import { gatesAgainst, newestToRollOut } from '../domain/gates-against.ts';
import { FailedGates } from '../parts/failed-gates.tsx';
import { Failure } from '../parts/failure.tsx';
import styles from './rollouts.module.css';
import { ShadowFields } from './shadow-fields.tsx';

const attributes = ['site', 'line', 'station', 'board', 'release'] as const;

/** Which release, which stations, how carefully, and why. */
export function RolloutForm() {
  const navigate = useNavigate();
  const { lacks } = useRole();
  const { models, first } = useReleases();
  const [chosen, setChosen] = useState<string>();
  const [patterns, setPatterns] = useState<Partial<Record<keyof StationQuery, string>>>({});
  const [canary, setCanary] = useState<number>(defaultRolloutPlan.canary);
  const [base, setBase] = useState<number>(defaultRolloutPlan.waves.base);
  const [factor, setFactor] = useState<number>(defaultRolloutPlan.waves.factor);
  const [soakS, setSoakS] = useState<number>(defaultRolloutPlan.soakS);
  const [failuresMax, setFailuresMax] = useState<number>(defaultRolloutPlan.failuresMax);
  const [onFailure, setOnFailure] = useState<'pause' | 'rollback'>(defaultRolloutPlan.onFailure);
  const [shadow, setShadow] = useState<ShadowPlan>();
  const [now, setNow] = useState(false);
  const [override, setOverride] = useState(false);
  const [reason, setReason] = useState('');
  const release = chosen ?? first;
  const model = models.find((each) => referenceOf(each) === release);
  const query = queryOf(patterns);
  const preview = useQuery(rolloutPreviewQuery(query, release));
  const create = useMutation({
    mutationFn: () => {
      const [name, version] = (release ?? '').split('@');
      const waves = { base, factor, max: Math.max(base, defaultRolloutPlan.waves.max) };
      const plan = { canary, waves, soakS, failuresMax, onFailure, ...(shadow && { shadow }) };
      const body = {
        release: { name, version: Number(version) },
        query,
        plan,
        now,
        reason,
        ...(override ? { override } : {}),
      };
      return sendJson<RolloutDetail>('POST', '/v1/rollouts', body);
    },
    onSuccess: ({ id }) => navigate({ to: '/rollouts/$id', params: { id: String(id) } }),
  });
  const lack = lacks('operator');
  const count = preview.data?.stations.length;
  const stopped = preview.data?.stopped;
  const isStopped = stopped !== undefined && !(stopped.byGates && override && lacks('admin') === undefined);
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <NativeSelect
        label="Release"
        data={models.map((each) => ({
          value: referenceOf(each),
          label: `${referenceOf(each)}${gatesAgainst(each) === undefined ? '' : ' (gates not passed)'}`,
        }))}
        value={release ?? ''}
        onChange={(event) => {
          setChosen(event.currentTarget.value);
          setOverride(false);
        }}
      />
      {attributes.map((attribute) => (
        <TextInput
          key={attribute}
          label={`Where ${attribute} is`}
          placeholder="any"
          value={patterns[attribute] ?? ''}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setPatterns((before) => ({ ...before, [attribute]: value }));
          }}
        />
      ))}
      <ShadowFields shadow={shadow} onChange={setShadow} />
      <NumberInput
        label="Canary stations"
        min={0}
        value={canary}
        onChange={(value) => setCanary(Number(value))}
      />
      <NumberInput
        label="Stations of the next wave"
        min={1}
        allowDecimal={false}
        value={base}
        onChange={(value) => setBase(Number(value))}
      />
      <NumberInput
        label="Each wave grows by"
        min={1}
        max={100}
        value={factor}
        onChange={(value) => setFactor(Number(value))}
      />
      <NumberInput
        label="Watch each wave, s"
        min={0}
        value={soakS}
        onChange={(value) => setSoakS(Number(value))}
      />
      <NumberInput
        label="Failures at most"
        min={0}
        step={0.05}
        value={failuresMax}
        onChange={(value) => setFailuresMax(Number(value))}
      />
      <NativeSelect
        label="When more fail"
        data={[
          { value: 'pause', label: 'pause' },
          { value: 'rollback', label: 'roll back' },
        ]}
        value={onFailure}
        onChange={(event) => setOnFailure(event.currentTarget.value === 'rollback' ? 'rollback' : 'pause')}
      />
      <TextInput
        className={styles.wide}
        label="Reason"
        required
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Checkbox
        className={styles.wide}
        label="In the quiet hours of a site too"
        checked={now}
        onChange={(event) => setNow(event.currentTarget.checked)}
      />
      {stopped?.byGates === true && model !== undefined && (
        <FailedGates {...{ model, override }} className={styles.wide} onChange={setOverride} />
      )}
      {stopped?.byGates === false && (
        <p className={styles.wide}>
          {release} cannot be rolled out: {stopped.why}.
        </p>
      )}
      <p className={styles.wide}>
        Patterns may hold * and be separated by commas. Below 1, a number of stations or failures is a share
        of them.{shadow !== undefined && ' Shadow stations of 0 are those of the first wave.'}
      </p>
      <Failure error={create.error ?? preview.error} />
      <div className={`${styles.wide} ${styles.submit}`}>
        <Button
          type="submit"
          loading={create.isPending}
          disabled={
            lack !== undefined || !count || release === undefined || isStopped || preview.isPlaceholderData
          }
          title={lack ?? (isStopped ? `${release}: ${stopped.why}` : undefined)}
        >
          {count === undefined ? 'Roll out' : `Roll out to ${formatCounted(count, 'station')}`}
        </Button>
        {lack !== undefined && <span>{lack}</span>}
        {models.length === 0 && <span>There is no model yet: start a training first.</span>}
      </div>
    </form>
  );
}

/** What may be chosen, and what is chosen first: the newest that may be rolled out, where one may. */
function useReleases(): { models: ModelView[]; first: string | undefined } {
  const models = (useQuery(modelsQuery).data ?? []).filter(
    ({ filesRemovedAt }) => filesRemovedAt === undefined,
  );
  const names = [...new Set(models.map(({ name }) => name))];
  const aliases = useQueries({ queries: names.map((name) => aliasesQuery(name)) });
  const champions = new Map(
    names.flatMap((name, at) => {
      const champion = aliases[at]?.data?.find(({ alias }) => alias === 'champion');
      return champion === undefined ? [] : [[name, champion.version] as const];
    }),
  );
  const isKnown = aliases.every(({ isPending }) => !isPending);
  const first = isKnown ? (newestToRollOut(models, champions) ?? models[0]) : undefined;
  return { models, first: first && referenceOf(first) };
}

function referenceOf({ name, version }: ModelView): string {
  return `${name}@${version}`;
}

function queryOf(texts: Partial<Record<keyof StationQuery, string>>): StationQuery {
  const query: StationQuery = {};
  for (const attribute of attributes) {
    const patterns = (texts[attribute] ?? '').split(',').flatMap((text) => text.trim() || []);
    if (patterns.length > 0) query[attribute] = patterns;
  }
  return query;
}
