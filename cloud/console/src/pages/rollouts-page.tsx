import type { RolloutView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rolloutsQuery } from '../data/queries.ts';
import { formatCount, formatPercent, none } from '../domain/format.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { OutcomeBar } from '../parts/outcome-bar.tsx';
import { Panel } from '../parts/panel.tsx';
import { RolloutStatus } from '../parts/rollout-status.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { Page } from './page.tsx';
import { RolloutForm } from './rollout-form.tsx';

/** Every rollout, and the form for a new one. */
export function RolloutsPage() {
  const rollouts = useQuery(rolloutsQuery);
  return (
    <Page title="Rollouts">
      <Panel title="New rollout">
        <RolloutForm />
      </Panel>
      <Answer query={rollouts} height={240}>
        {(data) => (
          <Panel title="Rollouts so far" note={data.length === 0 ? undefined : formatCount(data.length)}>
            {data.length === 0 ? (
              <p>
                None yet. A rollout brings a release to many stations, a few at a time, and stops when they
                fail.
              </p>
            ) : (
              <ShowMore items={data} first={12}>
                {(shown) => <RolloutTable rollouts={shown} />}
              </ShowMore>
            )}
          </Panel>
        )}
      </Answer>
    </Page>
  );
}

function RolloutTable({ rollouts }: { readonly rollouts: readonly RolloutView[] }) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Rollout</th>
          <th scope="col">Release</th>
          <th scope="col">Status</th>
          <th scope="col">Wave</th>
          <th scope="col">Stations</th>
          <th scope="col">Begun</th>
        </tr>
      </thead>
      <tbody>
        {rollouts.map((each) => (
          <tr key={each.id}>
            <th scope="row">
              <Link to="/rollouts/$id" params={{ id: String(each.id) }}>
                No. {each.id}
              </Link>
              <span className={table.soft}>{each.reason}</span>
            </th>
            <td>
              {each.release.name} v{each.release.version}
            </td>
            <td>
              <RolloutStatus status={each.status} />
              {each.why !== null && <span className={table.soft}>{each.why}</span>}
            </td>
            <td>
              {each.shadow !== null && each.shadow.endedAt === null ? (
                <>
                  shadow
                  {each.shadow.agreement !== null && (
                    <span className={table.soft}>{formatPercent(each.shadow.agreement)} alike</span>
                  )}
                </>
              ) : each.waves.length === 0 ? (
                none
              ) : (
                `${each.wave + 1} of ${each.waves.length}`
              )}
            </td>
            <td>
              <OutcomeBar outcomes={each.outcomes} of={`Stations of rollout ${each.id}`} />
            </td>
            <td>
              <Ago at={each.createdAt} />
              <span className={table.soft}>by {each.actor}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
