import type { DatasetView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { datasetsQuery } from '../data/queries.ts';
import { formatCount, formatCounted, formatDateTime } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Digest } from '../parts/digest.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareBar } from '../parts/share-bar.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { DatasetDetail } from './dataset-detail.tsx';
import styles from './page.module.css';
import { Page } from './page.tsx';
import { PhotographsPanel } from './photographs-panel.tsx';
import { UploadPanel } from './upload-panel.tsx';

interface DatasetsPageProps {
  /** Which version to open; the newest without. Two names may have the same content, and thus the same digest. */
  readonly name?: string;
  readonly digest?: string;
}

/** Every dataset version, and one of them in full. */
export function DatasetsPage({ name, digest }: DatasetsPageProps) {
  const datasets = useQuery(datasetsQuery);
  return (
    <Page title="Datasets" note={datasets.data && countText(datasets.data.length)}>
      <UploadPanel />
      <PhotographsPanel />
      <Answer query={datasets} height={420}>
        {(data) => <Versions datasets={data} {...{ name, digest }} />}
      </Answer>
    </Page>
  );
}

interface VersionsProps {
  readonly datasets: readonly DatasetView[];
  readonly name: string | undefined;
  readonly digest: string | undefined;
}

function Versions({ datasets, name, digest }: VersionsProps) {
  const newestFirst = datasets.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const newest = newestFirst[0];
  if (newest === undefined) return <NoDataset />;
  const wanted =
    digest === undefined
      ? newest
      : datasets.find((dataset) => dataset.name === name && dataset.digest.startsWith(digest));
  return (
    <>
      <Panel title="Versions">
        <ShowMore items={newestFirst} first={8}>
          {(shown) => <VersionTable datasets={shown} current={wanted} />}
        </ShowMore>
      </Panel>
      {wanted === undefined ? (
        <Notice tone="warn" title="There is no such dataset version.">
          <Link to="/datasets">Open the newest</Link>
        </Notice>
      ) : (
        <DatasetDetail key={`${wanted.name}@${wanted.digest}`} dataset={wanted} />
      )}
    </>
  );
}

interface VersionTableProps {
  readonly datasets: readonly DatasetView[];
  readonly current: DatasetView | undefined;
}

function VersionTable({ datasets, current }: VersionTableProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Dataset</th>
          <th scope="col">Frozen</th>
          <th scope="col" className={table.number}>
            Images
          </th>
          <th scope="col" className={table.number}>
            Groups
          </th>
          <th scope="col">Balance</th>
          <th scope="col" className={table.number}>
            Quarantined
          </th>
          <th scope="col">Digest</th>
        </tr>
      </thead>
      <tbody>
        {datasets.map((dataset) => (
          <tr key={`${dataset.name}@${dataset.digest}`} aria-current={dataset === current || undefined}>
            <th scope="row">
              <Link to="/datasets/$name/$digest" params={{ name: dataset.name, digest: dataset.digest }}>
                {dataset.name}
              </Link>
            </th>
            <td className={table.whole}>{formatDateTime(dataset.createdAt)}</td>
            <td className={table.number}>{formatCount(dataset.images)}</td>
            <td className={table.number}>{formatCount(dataset.groups)}</td>
            <td className={styles.balance}>
              <ShareBar grades={dataset.byGrade} of={`Balance of ${dataset.name}`} legend="none" />
            </td>
            <td className={table.number}>{formatCount(dataset.quarantined.length)}</td>
            <td>
              <Digest digest={dataset.digest} />
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function NoDataset() {
  return (
    <Notice tone="calm" title="No dataset yet.">
      <p>
        Bring photographs in above, or with <code>pnpm pomona dataset import</code>; <code>--help</code> says
        how the folder should look. Or let <code>pnpm demo</code> draw one.
      </p>
    </Notice>
  );
}

function countText(count: number): string {
  return formatCounted(count, 'version');
}
