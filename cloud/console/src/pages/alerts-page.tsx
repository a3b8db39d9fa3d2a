import type { AlertBefore, AlertKind, AlertView } from '@pomona/wire';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { alertsQuery } from '../data/queries.ts';
import { alertWords } from '../domain/alert-words.ts';
import { evidenceWords } from '../domain/evidence-words.ts';
import { formatDateTime } from '../domain/format.ts';
import { Ago } from '../parts/ago.tsx';
import { Answer } from '../parts/answer.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { Notice } from '../parts/notice.tsx';
import { Panel } from '../parts/panel.tsx';
import { ShowMore } from '../parts/show-more.tsx';
import table from '../parts/table.module.css';
import { Acknowledge } from './acknowledge.tsx';
import { Page } from './page.tsx';

/** What somebody should look at, what somebody has seen to, and what is over. */
export function AlertsPage() {
  const alerts = useQuery(alertsQuery);
  return (
    <Page title="Alerts">
      <Answer query={alerts} height={300}>
        {(all) => <AlertPanels alerts={all} />}
      </Answer>
    </Page>
  );
}

function AlertPanels({ alerts }: { readonly alerts: readonly AlertView[] }) {
  const open = alerts.filter(({ closedAt }) => closedAt === null);
  const unseen = open.filter(({ acknowledgedAt }) => acknowledgedAt === null);
  const seen = open.filter(({ acknowledgedAt }) => acknowledgedAt !== null);
  const over = alerts.filter(({ closedAt }) => closedAt !== null);
  return (
    <>
      <Panel title="Open" note="nobody has seen to these yet">
        {unseen.length === 0 ? (
          <Notice tone="calm" title="Nothing needs a look." />
        ) : (
          <AlertTable alerts={unseen} lastHead="Action" last={(alert) => <Acknowledge alert={alert} />} />
        )}
      </Panel>
      {seen.length > 0 && (
        <Panel title="Acknowledged" note="somebody is at it; each closes when its cause is gone">
          <AlertTable alerts={seen} lastHead="Seen to" last={(alert) => <SeenTo alert={alert} />} />
        </Panel>
      )}
      {over.length > 0 && (
        <Panel title="Over" note="newest first">
          <ShowMore items={over} first={10}>
            {(shown) => (
              <AlertTable
                alerts={shown}
                lastHead="Over since"
                last={(alert) => (
                  <>
                    {alert.closedAt !== null && <Ago at={alert.closedAt} />}
                    <SeenTo alert={alert} />
                  </>
                )}
              />
            )}
          </ShowMore>
        </Panel>
      )}
    </>
  );
}

interface AlertTableProps {
  readonly alerts: readonly AlertView[];
  readonly lastHead: string;
  readonly last: (alert: AlertView) => ReactNode;
}

function AlertTable({ alerts, lastHead, last }: AlertTableProps) {
  return (
    <DataTable>
      <thead>
        <tr>
          <th scope="col">Severity</th>
          <th scope="col">What</th>
          <th scope="col">Station</th>
          <th scope="col">Since</th>
          <th scope="col">{lastHead}</th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.id}>
            <td className={alert.severity === 'critical' ? table.bad : table.warn}>{alert.severity}</td>
            <td>
              <What alert={alert} />
            </td>
            <td className={table.whole}>
              {alert.station === null ? (
                'all'
              ) : (
                <Link to="/stations/$station" params={{ station: alert.station }}>
                  {alert.station}
                </Link>
              )}
            </td>
            <td>
              <Ago at={alert.openedAt} />
              {alert.before && (
                <div className={table.soft}>
                  critical <Ago at={alert.before.until} />
                </div>
              )}
            </td>
            <td>{last(alert)}</td>
          </tr>
        ))}
      </tbody>
    </DataTable>
  );
}

/** Whose detail tells what happened; that of the others says again what to do. */
const ownReason: ReadonlySet<AlertKind> = new Set([
  'station-health',
  'station-camera',
  'station-certificate',
  'rollout-paused',
  'retrain-proposed',
]);

/** The page on which that is done what an alert asks for. */
const whereToAct = new Map<AlertKind, { readonly to: string; readonly says: string }>([
  ['drift-model', { to: '/labelling', says: 'Label fruit' }],
  ['retrain-proposed', { to: '/training', says: 'See the proposal' }],
  ['rollout-paused', { to: '/rollouts', says: 'See the rollouts' }],
]);

function What({ alert }: { readonly alert: AlertView }) {
  const { means, todo } = alertWords[alert.kind];
  const detail = ownReason.has(alert.kind) ? alert.detail : '';
  const next = whereToAct.get(alert.kind);
  return (
    <>
      <strong>{alert.title}</strong>
      <div>
        {means} <strong>{todo}</strong>
      </div>
      {alert.kind.startsWith('drift-') && alert.station !== null && (
        <Link to="/drift/$station" params={{ station: alert.station }}>
          See its windows
        </Link>
      )}
      {next !== undefined && (
        <>
          {' '}
          <Link to={next.to}>{next.says}</Link>
        </>
      )}
      <span className={table.soft}>
        {[detail, evidenceWords(alert.evidence)].filter(Boolean).join(' · ')}
      </span>
      {alert.before && <Before {...alert.before} />}
    </>
  );
}

/** It got worse: what somebody saw to was less. */
function Before({ title, acknowledgedBy, note }: AlertBefore) {
  return (
    <div className={table.soft}>
      It was a warning first: {title}.
      {acknowledgedBy !== null && ` Seen to then by ${acknowledgedBy}${note ? `: ${note}` : ''}.`}
    </div>
  );
}

function SeenTo({ alert: { acknowledgedAt, acknowledgedBy, note } }: { readonly alert: AlertView }) {
  if (acknowledgedAt === null) return null;
  return (
    <>
      <div>{note}</div>
      <span className={table.soft}>
        {acknowledgedBy}, {formatDateTime(acknowledgedAt)}
      </span>
    </>
  );
}
