import { type DatasetView, describeStandardise } from '@pomona/wire';
import { formatCount, formatCounted, formatDateTime, formatPercent } from '../domain/format.ts';
import { orderGrades } from '../domain/grade-style.ts';
import { DataTable } from '../parts/data-table.tsx';
import { Facts } from '../parts/facts.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShareBar } from '../parts/share-bar.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { AcceptQuarantined } from './accept-quarantined.tsx';
import styles from './page.module.css';

export function DatasetDetail({ dataset }: { readonly dataset: DatasetView }) {
  return (
    <>
      <Panel
        title={dataset.name}
        note={`${formatCounted(dataset.images, 'image')} of ${formatCounted(dataset.groups, 'group')}`}
      >
        <ShareBar grades={dataset.byGrade} of="Images by grade" />
      </Panel>
      <Caveats notes={dataset.notes ?? []} />
      <div className={styles.half}>
        <div className={styles.stack}>
          <Panel title="Splits" note="a group is in one split only">
            <Splits dataset={dataset} />
            {dataset.keptSplit !== undefined && <p className={styles.soft}>{dataset.keptSplit}.</p>}
          </Panel>
          <Panel title="Quarantined" note={formatCounted(dataset.quarantined.length, 'file')}>
            <Quarantined dataset={dataset} />
            {dataset.accepted?.map(({ path, by, at, why }) => (
              <p key={path} className={styles.soft}>
                <span className={styles.mono}>{path}</span> was accepted by {by}, {formatDateTime(at)}: {why}
              </p>
            ))}
          </Panel>
        </div>
        <div className={styles.stack}>
          <Panel title="About">
            <Facts
              facts={[
                ['Frozen', formatDateTime(dataset.createdAt)],
                ['Source', dataset.source],
                [
                  'Report',
                  <a key="report" href={`/v1/datasets/${dataset.name}/${dataset.digest}/report.html`}>
                    features, outliers, duplicates
                  </a>,
                ],
                [
                  'Features',
                  <a
                    key="features"
                    href={`/v1/features?dataset=${dataset.name}@${dataset.digest}&format=csv`}
                    download
                  >
                    CSV, a row per image
                  </a>,
                ],
                ['Labels', orderGrades(dataset.labels).join(', ')],
                ['Input', `${dataset.inputSize} × ${dataset.inputSize} pixels, RGB`],
                ['Colours', describeStandardise(dataset.standardise)],
                ['Views per fruit', String(dataset.viewsPerFruit)],
                [
                  'Digest',
                  <span key="digest" className={styles.mono}>
                    {dataset.digest}
                  </span>,
                ],
              ]}
            />
          </Panel>
          <Panel title="Left out" note="of none of the grades of this version">
            <LeftOut dataset={dataset} />
          </Panel>
        </div>
      </div>
    </>
  );
}

/** What to know before trusting an accuracy on it. */
function Caveats({ notes }: { readonly notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <Notice tone="warn" title="Know this before trusting an accuracy on it">
      <ShowMore items={notes} first={4}>
        {(shown) => (
          <ul>
            {shown.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        )}
      </ShowMore>
    </Notice>
  );
}

function Splits({ dataset }: { readonly dataset: DatasetView }) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Split</th>
          <th scope="col" className={table.number}>
            Images
          </th>
          <th scope="col" className={table.number}>
            Share
          </th>
          <th scope="col" className={table.number}>
            Groups
          </th>
        </tr>
      </thead>
      <tbody>
        {dataset.bySplit.map(({ split, images, groups }) => (
          <tr key={split}>
            <th scope="row">{split}</th>
            <td className={table.number}>{formatCount(images)}</td>
            <td className={table.number}>
              {formatPercent(dataset.images === 0 ? 0 : images / dataset.images)}
            </td>
            <td className={table.number}>{formatCount(groups)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function Quarantined({ dataset }: { readonly dataset: DatasetView }) {
  const files = dataset.quarantined;
  const isKept = files.some(({ original }) => original !== undefined);
  if (files.length === 0) return <p className={styles.soft}>Every file was a usable image.</p>;
  return (
    <ShowMore items={files} first={8}>
      {(shown) => (
        <DataTable>
          <thead>
            <tr>
              <th scope="col">File</th>
              <th scope="col">Reason</th>
              {isKept && <th scope="col" aria-label="Accept" />}
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, reason, original }) => (
              <tr key={path}>
                <td className={styles.mono}>{path}</td>
                <td>{reason}</td>
                {isKept && (
                  <td>{original !== undefined && <AcceptQuarantined dataset={dataset} path={path} />}</td>
                )}
              </tr>
            ))}
          </tbody>
        </DataTable>
      )}
    </ShowMore>
  );
}

function LeftOut({ dataset }: { readonly dataset: DatasetView }) {
  if (dataset.leftOut.length === 0)
    return <p className={styles.soft}>Nothing: every grade found is one of the labels.</p>;
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Grade</th>
          <th scope="col" className={table.number}>
            Images
          </th>
        </tr>
      </thead>
      <tbody>
        {dataset.leftOut.map(({ grade, count }) => (
          <tr key={grade}>
            <td>{grade}</td>
            <td className={table.number}>{formatCount(count)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
