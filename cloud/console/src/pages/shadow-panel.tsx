import type { RolloutDetail, ShadowFigures } from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import { formatCount, formatDuration, formatPercent, none } from '../domain/format.ts';
import { shadowMatrix, shadowState } from '../domain/shadow-words.ts';
import { Ago } from '../parts/ago.tsx';
import { ConfusionMatrix } from '../parts/confusion-matrix.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Figure, Figures } from '../parts/figure.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import styles from './rollouts.module.css';

/** How the candidate, which decides nothing yet, grades the fruit that the release grades. */
export function ShadowPanel({ rollout }: { readonly rollout: RolloutDetail }) {
  const { shadow, plan, members } = rollout;
  if (shadow === null) return null;
  const limits = plan.shadow;
  const stations = members.filter((member) => member.shadow !== null);
  const isBelow = shadow.agreement !== null && limits !== undefined && shadow.agreement < limits.agreementMin;
  const matrix = shadowMatrix(stations.flatMap((member) => member.shadow?.figures ?? []));
  return (
    <Panel title="Shadow" note={shadowState(rollout)}>
      <div className={styles.parts}>
        <Figures>
          <Figure
            label="Same grade"
            value={shadow.agreement === null ? none : formatPercent(shadow.agreement)}
            tone={isBelow ? 'bad' : 'plain'}
            note={limits && `at least ${formatPercent(limits.agreementMin)}`}
          />
          <Figure
            label="Fruits compared"
            value={formatCount(shadow.fruits)}
            note={limits && `${formatCount(limits.fruitsMin)} at each station`}
          />
          <Figure label="Stations ready" value={`${shadow.ready} of ${shadow.stations}`} />
          <Figure
            label={shadow.endedAt === null ? 'Began' : 'Ended'}
            value={<Ago at={shadow.endedAt ?? shadow.beganAt} />}
            note={limits && `${formatDuration(limits.forS)} at least`}
          />
        </Figures>
        <ShowMore items={stations} first={10}>
          {(shown) => <StationTable members={shown} isOver={shadow.endedAt !== null} />}
        </ShowMore>
        {matrix !== undefined && (
          <ConfusionMatrix
            labels={matrix.grades}
            confusion={matrix.counts}
            unit="fruit"
            names={{ row: 'Graded', column: 'The candidate would say' }}
          />
        )}
      </div>
    </Panel>
  );
}

interface StationTableProps {
  readonly members: readonly RolloutDetail['members'][number][];
  /** The phase: what ran then runs no more. */
  readonly isOver: boolean;
}

function StationTable({ members, isOver }: StationTableProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Station</th>
          <th scope="col">State</th>
          <th scope="col" className={table.number}>
            Same grade
          </th>
          <th scope="col" className={table.number}>
            Fruits
          </th>
          <th scope="col" className={table.number}>
            Time per view
          </th>
        </tr>
      </thead>
      <tbody>
        {members.map(({ station, shadow }) => (
          <tr key={station}>
            <th scope="row">
              <Link to="/stations/$station" params={{ station }}>
                {station}
              </Link>
            </th>
            <td>
              {isOver && shadow?.state === 'running' ? 'over' : shadow?.state}
              {shadow?.reason != null && <span className={table.soft}>{shadow.reason}</span>}
            </td>
            <td className={table.number}>
              {shadow?.agreement == null ? none : formatPercent(shadow.agreement)}
            </td>
            <td className={table.number}>
              {shadow?.figures == null ? none : formatCount(shadow.figures.fruits)}
              {shadow?.figures != null && shadow.figures.skipped > 0 && (
                <span className={table.soft}>no time for {formatCount(shadow.figures.skipped)}</span>
              )}
            </td>
            <td className={table.number}>{timeOf(shadow?.figures?.msPerView ?? null)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

function timeOf(msPerView: ShadowFigures['msPerView']) {
  if (msPerView === null) return none;
  return (
    <>
      {msPerView.candidate.toFixed(2)} ms
      <span className={table.soft}>now {msPerView.champion.toFixed(2)} ms</span>
    </>
  );
}
