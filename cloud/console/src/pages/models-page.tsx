import { fewCasesOf, type ModelView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { modelsQuery } from '../data/queries.ts';
import { formatBytes, formatCounted, formatDateTime, formatPercent } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Digest } from '../parts/digest.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { ModelDetail } from './model-detail.tsx';
import { Page } from './page.tsx';
import { PrunePanel } from './prune-panel.tsx';

interface ModelsPageProps {
  /** Which version to open; the newest without. */
  readonly name?: string;
  readonly version?: number;
}

/** Every model version, and one of them in full. */
export function ModelsPage({ name, version }: ModelsPageProps) {
  const models = useQuery(modelsQuery);
  return (
    <Page title="Models" note={models.data && countText(models.data.length)}>
      <Answer query={models} height={420}>
        {(data) => <Versions models={data} name={name} version={version} />}
      </Answer>
      <PrunePanel />
    </Page>
  );
}

interface VersionsProps {
  readonly models: readonly ModelView[];
  readonly name: string | undefined;
  readonly version: number | undefined;
}

function Versions({ models, name, version }: VersionsProps) {
  const newestFirst = models.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const newest = newestFirst[0];
  if (newest === undefined) return <NoModel />;
  const wanted =
    name === undefined ? newest : models.find((model) => model.name === name && model.version === version);
  return (
    <>
      <Panel title="Versions">
        <ShowMore items={newestFirst} first={8}>
          {(shown) => <VersionTable models={shown} current={wanted} />}
        </ShowMore>
      </Panel>
      {wanted === undefined ? (
        <Notice tone="warn" title={`There is no ${name} v${version}.`}>
          <Link to="/models">Open the newest version</Link>
        </Notice>
      ) : (
        <ModelDetail model={wanted} />
      )}
    </>
  );
}

interface VersionTableProps {
  readonly models: readonly ModelView[];
  readonly current: ModelView | undefined;
}

function VersionTable({ models, current }: VersionTableProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Made</th>
          <th scope="col">Dataset</th>
          <th scope="col" className={table.number}>
            Accuracy
          </th>
          <th scope="col" className={table.number}>
            Macro-F1
          </th>
          <th scope="col" className={table.number}>
            ECE
          </th>
          <th scope="col" className={table.number}>
            Size
          </th>
          <th scope="col">Digest</th>
        </tr>
      </thead>
      <tbody>
        {models.map((model) => (
          <tr key={model.digest} aria-current={model === current || undefined}>
            <th scope="row">
              <Link to="/models/$name/$version" params={{ name: model.name, version: String(model.version) }}>
                {model.name} v{model.version}
              </Link>
            </th>
            <td className={table.whole}>{formatDateTime(model.createdAt)}</td>
            <td>
              <Link to="/datasets/$name/$digest" params={model.dataset}>
                {model.dataset.name}
              </Link>
            </td>
            <td className={table.number}>
              {formatPercent(model.evaluation.accuracy)}
              <Few evaluation={model.evaluation} />
            </td>
            <td className={table.number}>{formatPercent(model.evaluation.macroF1)}</td>
            <td className={table.number}>{formatPercent(model.evaluation.ece)}</td>
            <td className={table.number}>
              {model.filesRemovedAt === undefined ? formatBytes(model.releaseBytes) : 'files removed'}
            </td>
            <td>
              <Digest digest={model.digest} />
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function NoModel() {
  return (
    <Notice tone="calm" title="No model yet.">
      <p>
        Train one from a dataset version with <code>pnpm pomona train</code>; <code>--help</code> says how. It
        appears here when it is evaluated and signed.
      </p>
    </Notice>
  );
}

function countText(count: number): string {
  return formatCounted(count, 'version');
}

function Few({ evaluation }: Pick<ModelView, 'evaluation'>) {
  const few = fewCasesOf(evaluation);
  if (few === undefined) return null;
  return <span className={table.soft}>{few}</span>;
}
