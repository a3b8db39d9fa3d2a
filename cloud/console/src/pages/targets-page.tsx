import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { defaultShadowPlan, type ModelView, type ProjectTargets, type ProjectView } from '@pomona/wire';
import { useMutation, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { sendJson } from '../adapters/api.ts';
import {
  aliasesQuery,
  datasetsQuery,
  modelsQuery,
  projectDefaultsQuery,
  projectQuery,
  projectVersionsQuery,
} from '../data/queries.ts';
import { useRole } from '../data/role.ts';
import { formatDateTime } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import {
  allFields,
  boardSection,
  careSection,
  changeWords,
  type DraftValue,
  gradesOf,
  imageSection,
  problemField,
  rightSection,
  shadowPath,
  valueAt,
  withDefaults,
  withDraft,
} from '../domain/target-fields.ts';
import { Answer } from '../parts/answer.tsx';
import { Failure } from '../parts/failure.tsx';
import { Panel } from '../parts/panel.tsx';
import styles from './page.module.css';
import { Page } from './page.tsx';
import rollouts from './rollouts.module.css';
import { ShadowFields } from './shadow-fields.tsx';
import { TargetConflict } from './target-conflict.tsx';
import { TargetCosts } from './target-costs.tsx';
import { TargetHistory } from './target-history.tsx';
import { TargetRows } from './target-rows.tsx';
import own from './targets-page.module.css';

/** What the project wants of a model, what a version reaches of it, and a form to want something else. */
export function TargetsPage() {
  const project = useQuery(projectQuery);
  const defaults = useQuery(projectDefaultsQuery).data;
  return (
    <Page title="Targets" note={project.data && sinceText(project.data)}>
      <Answer query={project} height={420}>
        {(view) => defaults !== undefined && <Targets {...{ view, defaults: defaults.targets }} />}
      </Answer>
    </Page>
  );
}

/** What is changed and not saved, and what it was made of. */
interface Draft {
  readonly from: ProjectView;
  readonly values: Readonly<Record<string, DraftValue>>;
}

export interface TargetsProps {
  readonly view: ProjectView;
  readonly defaults: ProjectTargets;
}

function Targets({ view, defaults }: TargetsProps) {
  const { targets, version } = view;
  const client = useQueryClient();
  const lack = useRole().lacks('admin');
  const datasets = useQuery(datasetsQuery).data ?? [];
  const models = useQuery(modelsQuery).data ?? [];
  const versions = useQuery(projectVersionsQuery).data ?? [];
  const [draft, setDraft] = useState<Draft>();
  const [reason, setReason] = useState('');
  const edited = withDraft(targets, draft?.values ?? {});
  const isOvertaken = draft !== undefined && draft.from.version !== version;
  const save = useMutation({
    mutationFn: () => {
      const why = reason.trim() === '' ? '' : `?${new URLSearchParams({ reason: reason.trim() })}`;
      return sendJson<ProjectView>('PUT', `/v1/project${why}`, edited, draft?.from.version);
    },
    // Somebody may have been a moment earlier: then this brings what they did.
    onError: () => client.invalidateQueries({ queryKey: projectQuery.queryKey }),
    onSuccess: (saved) => {
      client.setQueryData(projectQuery.queryKey, saved);
      setDraft(undefined);
      setReason('');
      return client.invalidateQueries({ queryKey: projectVersionsQuery.queryKey });
    },
  });
  const settle = (next: Draft | undefined) => {
    save.reset();
    setDraft(next);
  };
  const labels = orderGrades(
    gradesOf([...models, ...datasets], [edited, ...versions.map((each) => each.targets)]),
  );
  const fields = allFields(labels);
  const changes = changeWords(targets, edited, fields);
  const beside = useBeside(models);
  const wanted = withDefaults(edited, defaults);
  const rows = {
    ...{ targets: edited, wanted, model: beside.model, isFixed: lack !== undefined },
    defaults,
    change: (path: string, value: DraftValue) =>
      setDraft({ from: draft?.from ?? view, values: { ...draft?.values, [path]: value } }),
  };
  return (
    <form
      className={styles.stack}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Panel title={problemField.label} note={problemField.means}>
        <Textarea
          aria-label={problemField.label}
          autosize
          maxLength={2_000}
          readOnly={lack !== undefined}
          value={String(valueAt(edited, problemField.path))}
          onChange={(event) => rows.change(problemField.path, event.currentTarget.value)}
        />
      </Panel>
      <Section section={rightSection(labels)} rows={rows} choice={beside.choice} />
      <Panel title="What a mistake costs" note="in whatever you count: apples, points, money">
        <TargetCosts labels={labels} {...rows} />
      </Panel>
      <Section section={boardSection} rows={rows} />
      <Section section={imageSection} rows={rows} />
      <Section section={careSection} rows={rows} />
      <Panel
        title="Before a retrained version grades"
        note="the shadow phase of each rollout that a retraining begins"
      >
        <div className={rollouts.form}>
          <ShadowFields
            shadow={edited.retrainShadow && { ...defaultShadowPlan, ...edited.retrainShadow }}
            isFixed={lack !== undefined}
            onChange={(shadow) => rows.change(shadowPath, shadow)}
          />
          <p className={rollouts.wide}>
            {edited.retrainShadow === undefined
              ? 'Without it the canary grades with the new version at once.'
              : 'Shadow stations of 0 are those of the first wave, below 1 a share of them. Beyond a limit the rollout waits for a person.'}
          </p>
        </div>
      </Panel>
      {isOvertaken && (
        <TargetConflict
          {...{ from: draft.from, now: view, draft: draft.values, fields }}
          onGoOn={() => settle({ ...draft, from: view })}
          onLeave={() => settle(undefined)}
        />
      )}
      <div className={own.save} data-changed={changes.length > 0}>
        <div className={own.changes}>
          {changes.length === 0 ? (
            <span>{lack ?? 'Nothing is changed.'}</span>
          ) : (
            <ul>
              {changes.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          )}
        </div>
        {changes.length > 0 && (
          <TextInput
            aria-label="Reason of the change"
            placeholder="Why (not a must)"
            pattern="\s*\S.+\S\s*"
            title="a few words"
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        )}
        {changes.length > 0 && (
          <Button variant="default" onClick={() => settle(undefined)}>
            Leave it
          </Button>
        )}
        <Button
          type="submit"
          loading={save.isPending}
          disabled={lack !== undefined || changes.length === 0 || isOvertaken}
          title={lack ?? (isOvertaken ? 'Somebody else changed the targets: see above.' : undefined)}
        >
          Save as version {version + 1}
        </Button>
      </div>
      <Failure error={isOvertaken ? null : save.error} />
      <Panel
        title="Earlier targets"
        note="each version stays on record; a verdict on a model is by those of its day"
      >
        <TargetHistory {...{ versions, defaults, fields }} />
      </Panel>
    </form>
  );
}

interface SectionProps {
  readonly section: ReturnType<typeof rightSection>;
  readonly rows: Omit<Parameters<typeof TargetRows>[0], 'fields'>;
  readonly choice?: React.ReactNode;
}

function Section({ section: { title, note, fields }, rows, choice }: SectionProps) {
  return (
    <Panel title={title} note={note} actions={choice}>
      <TargetRows fields={fields} {...rows} />
    </Panel>
  );
}

/** Beside the targets stands what a version reaches: the champion, or the newest while there is none. */
function useBeside(models: readonly ModelView[]) {
  const names = [...new Set(models.map(({ name }) => name))];
  const aliases = useQueries({ queries: names.map(aliasesQuery) });
  const [chosen, setChosen] = useState<string>();
  const aliasesOf = ({ name, version }: ModelView) =>
    (aliases[names.indexOf(name)]?.data ?? [])
      .filter((each) => each.version === version)
      .map(({ alias }) => alias);
  const newestFirst = models.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const champion = newestFirst.find((each) => aliasesOf(each).includes('champion'));
  const model = newestFirst.find((each) => keyOf(each) === chosen) ?? champion ?? newestFirst[0];
  const choice = model !== undefined && (
    <span className={own.beside}>
      <NativeSelect
        aria-label="Version that is held against the targets"
        size="xs"
        data={newestFirst.map((each) => ({
          value: keyOf(each),
          label: [keyOf(each), ...aliasesOf(each)].join(', '),
        }))}
        value={keyOf(model)}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <Link to="/models/$name/$version" params={{ name: model.name, version: String(model.version) }}>
        its figures
      </Link>
    </span>
  );
  return { model, choice };
}

function keyOf({ name, version }: ModelView): string {
  return `${name}@${version}`;
}

function sinceText({ version, at, actor }: ProjectView): string {
  return at === null
    ? 'nobody set any: the defaults hold'
    : `version ${version}, by ${actor}, ${formatDateTime(at)}`;
}
