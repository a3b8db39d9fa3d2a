import { type DriftSummary, naturalOrder } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { driftsQuery } from '../data/queries.ts';
import { driftVerdict } from '../domain/drift-words.ts';
import { formatCount, formatCounted, none } from '../domain/format.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { DriftVerdict } from '../parts/drift-verdict.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ReleaseName } from '../parts/release-name.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { DriftDetailPanels } from './drift-detail.tsx';
import { Page } from './page.tsx';

/** Is it still right? Each station's fruit beside that of its own baseline. `station`: whose charts; without, whose news is worst. */
export function DriftPage({ station }: { readonly station?: string }) {
  const drifts = useQuery(driftsQuery);
  return (
    <Page title="Drift" note="is it still right?">
      <Answer query={drifts} height={300}>
        {(all) => <Stations drifts={all} station={station} />}
      </Answer>
    </Page>
  );
}

interface StationsProps {
  readonly drifts: readonly DriftSummary[];
  readonly station: string | undefined;
}

const urgency = ['drift', 'look', 'fine', 'learning', 'empty'];

function Stations({ drifts, station }: StationsProps) {
  const rank = (drift: DriftSummary) => urgency.indexOf(driftVerdict(drift).state);
  const worstFirst = drifts.toSorted((a, b) => rank(a) - rank(b) || naturalOrder(a.station, b.station));
  if (drifts.length === 0)
    return (
      <Notice tone="calm" title="No station yet.">
        <p>
          Each station sums up its fruit in windows: brightness, colour, size, sharpness, how sure the model
          is. The first five windows of a release are its baseline. From the sixth on this page says whether
          the fruit, the camera or the model is no longer what it was.
        </p>
      </Notice>
    );
  const chosen = station === undefined ? worstFirst[0] : drifts.find((each) => each.station === station);
  return (
    <>
      <Panel title="Stations" note="what needs a look first">
        <ShowMore items={worstFirst} first={8}>
          {(shown) => <StationTable drifts={shown} current={chosen} />}
        </ShowMore>
      </Panel>
      {chosen === undefined ? (
        <Notice tone="warn" title={`There is no station ${station}.`}>
          <Link to="/drift">Open what needs a look first</Link>
        </Notice>
      ) : (
        <DriftDetailPanels key={chosen.station} station={chosen.station} />
      )}
    </>
  );
}

interface StationTableProps {
  readonly drifts: readonly DriftSummary[];
  readonly current: DriftSummary | undefined;
}

function StationTable({ drifts, current }: StationTableProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Station</th>
          <th scope="col">Release</th>
          <th scope="col">Verdict</th>
          <th scope="col" className={table.number}>
            Windows
          </th>
          <th scope="col">Newest</th>
        </tr>
      </thead>
      <tbody>
        {drifts.map((drift) => (
          <tr key={drift.station} aria-current={drift === current ? 'true' : undefined}>
            <th scope="row" className={table.whole}>
              <Link to="/drift/$station" params={{ station: drift.station }} resetScroll={false}>
                {drift.station}
              </Link>
            </th>
            <td>
              <ReleaseName release={drift.release} />
            </td>
            <td>
              <DriftVerdict drift={drift} />
            </td>
            <td className={table.number}>
              {formatCount(drift.windowCount)}
              {drift.newest && (
                <span className={table.soft}>of {formatCounted(drift.newest.fruits, 'fruit')}</span>
              )}
            </td>
            <td>{drift.newest === null ? none : <Ago at={drift.newest.receivedAt} />}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
