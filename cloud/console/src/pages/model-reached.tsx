import type { Lineage, ModelView, StationRun } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lineageQuery } from '../data/queries.ts';
import { formatDateTime } from '../domain/format.ts';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './page.module.css';

/** What went on from the version, and the stations that ran it or those. */
export function Reached({ model }: { readonly model: ModelView }) {
  const lineage = useQuery(lineageQuery(`${model.name}@${model.version}`));
  return (
    <Answer query={lineage} height={60}>
      {({ models, runs }) => (
        <>
          <Descendants models={models.filter(({ place }) => place === 'after')} />
          {runs.length === 0 ? (
            <p>No station said that it ran any of them.</p>
          ) : (
            <ShowMore items={[...runs].reverse()} first={8}>
              {(shown) => <Runs runs={shown} />}
            </ShowMore>
          )}
        </>
      )}
    </Answer>
  );
}

function Descendants({ models }: { readonly models: Lineage['models'] }) {
  if (models.length === 0) return <p>Nothing went on from it.</p>;
  return (
    <ul className={styles.soft}>
      {models.map(({ name, version, links }) => (
        <li key={`${name}@${version}`}>
          <Link to="/models/$name/$version" params={{ name, version: String(version) }}>
            {name} v{version}
          </Link>{' '}
          went on from{' '}
          {links
            .filter(({ as }) => as === 'went-on')
            .map(({ from }) => from)
            .join(', ')}
        </li>
      ))}
    </ul>
  );
}

function Runs({ runs }: { readonly runs: readonly StationRun[] }) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Station</th>
          <th scope="col">Ran</th>
          <th scope="col">From</th>
          <th scope="col">Until</th>
        </tr>
      </thead>
      <tbody>
        {runs.map(({ site, line, station, release, variant, from, until }) => (
          <tr key={`${station} ${from}`}>
            <th scope="row">
              <Link to="/stations/$station" params={{ station }}>
                {site} / {line} / {station}
              </Link>
            </th>
            <td>
              {release?.name} v{release?.version} {variant}
            </td>
            <td className={table.whole}>{formatDateTime(from)}</td>
            <td className={table.whole}>{until === null ? 'now' : formatDateTime(until)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
