import type { RolloutDetail } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { rolloutQuery } from '../data/queries.ts';
import { formatCounted, formatDateTime, none } from '../domain/format.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Notice } from '../parts/notice.tsx';
import { OutcomeBar } from '../parts/outcome-bar.tsx';
import { Panel } from '../parts/panel.tsx';
import { ReleaseName } from '../parts/release-name.tsx';
import { RolloutStatus } from '../parts/rollout-status.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { Page } from './page.tsx';
import { RolloutActions } from './rollout-actions.tsx';
import styles from './rollouts.module.css';
import { ShadowPanel } from './shadow-panel.tsx';

/** One rollout: how far each wave is, what became of each station, what was done to it and why. */
export function RolloutPage({ id }: { readonly id: number }) {
  const rollout = useQuery(rolloutQuery(id));
  return (
    <Page title={`Rollout ${id}`} note={rollout.data && <RolloutStatus status={rollout.data.status} />}>
      <Answer query={rollout} height={420}>
        {(data) => <Parts rollout={data} />}
      </Answer>
    </Page>
  );
}

function Parts({ rollout }: { readonly rollout: RolloutDetail }) {
  const { release, reason, actor, why, status, shadow } = rollout;
  const isShadowing = shadow !== null && shadow.endedAt === null;
  const waveNow = status === 'running' && !isShadowing ? rollout.wave : undefined;
  return (
    <>
      {why !== null && (
        <Notice tone={status === 'cancelled' ? 'calm' : 'warn'} title={`${whyTitle[status]}:`}>
          <p>{why}</p>
        </Notice>
      )}
      <Panel title="Progress" actions={<RolloutActions rollout={rollout} />}>
        <p className={styles.about}>
          <ReleaseName release={release} /> to {formatCounted(rollout.stations, 'station')}, begun{' '}
          <Ago at={rollout.createdAt} /> by {actor}: {reason}
        </p>
        <DataTable>
          <tbody>
            {rollout.waves.map((wave, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a wave is its place in the row of waves
              <tr key={index} aria-current={index === waveNow || undefined}>
                <th scope="row">Wave {index + 1}</th>
                <td className={table.number}>{formatCounted(wave.stations, 'station')}</td>
                <td>
                  <OutcomeBar outcomes={wave.outcomes} of={`Stations of wave ${index + 1}`} />
                </td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      </Panel>
      {rollout.shadow !== null && <ShadowPanel rollout={rollout} />}
      <Panel title="Stations">
        <ShowMore items={rollout.members} first={25}>
          {(shown) => <MemberTable members={shown} />}
        </ShowMore>
      </Panel>
      <Panel title="What happened">
        <DataTable>
          <tbody>
            {rollout.events.toReversed().map((event) => (
              <tr key={`${event.at}${event.kind}${event.reason}`}>
                <td className={table.whole}>{formatDateTime(event.at)}</td>
                <th scope="row">{eventNames[event.kind] ?? event.kind}</th>
                <td>{event.actor}</td>
                <td>{event.reason}</td>
              </tr>
            ))}
          </tbody>
        </DataTable>
      </Panel>
    </>
  );
}

const eventNames: Readonly<Record<string, string>> = {
  create: 'Begun',
  'create-now': 'Begun, in quiet hours too',
  now: 'Goes on in quiet hours',
  wave: 'Next wave',
  shadow: 'Shadow passed',
  pause: 'Paused',
  resume: 'Resumed',
  cancel: 'Cancelled',
  rollback: 'Going back',
  'rolled-back': 'Went back',
  done: 'Done',
};

const whyTitle: Readonly<Record<RolloutDetail['status'], string>> = {
  running: 'Running',
  paused: 'Paused',
  'rolling-back': 'Going back',
  'rolled-back': 'Went back',
  done: 'Done',
  cancelled: 'Cancelled',
};

function MemberTable({ members }: { readonly members: readonly RolloutDetail['members'][number][] }) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Station</th>
          <th scope="col">Wave</th>
          <th scope="col">Outcome</th>
          <th scope="col">Before</th>
          <th scope="col">Sent</th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.station}>
            <th scope="row">
              <Link to="/stations/$station" params={{ station: member.station }}>
                {member.station}
              </Link>
            </th>
            <td>{member.wave + 1}</td>
            <td>
              {member.outcome}
              {member.restored && ', then back'}
              {member.reason !== null && <span className={table.soft}>{member.reason}</span>}
            </td>
            <td>{member.previous === null ? none : `${member.previous.name} v${member.previous.version}`}</td>
            <td>{member.sentAt === null ? none : <Ago at={member.sentAt} />}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}
