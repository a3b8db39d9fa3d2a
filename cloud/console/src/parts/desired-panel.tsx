import type { StationView } from '@pomona/wire';
import type { ReactNode } from 'react';
import { formatDateTime, none } from '../domain/format.ts';
import { runningRelease } from '../domain/station-condition.ts';
import { DataTable } from './data-table.tsx';
import { Panel } from './panel.tsx';
import { ReleaseName } from './release-name.tsx';
import table from './table.module.css';
import { UpdateState } from './update-state.tsx';

/** What the station should run beside what it says it runs, and whether that is the same. */
export function DesiredPanel({ view }: { readonly view: StationView }) {
  const { desired, reported } = view;
  const running = runningRelease(view);
  const same = (desired?.release?.digest ?? null) === (running?.digest ?? null);
  const heard = desired !== null && (reported?.desiredCounter ?? 0) >= desired.counter;
  return (
    <Panel title="Desired and reported" note={desired !== null && <Agreement same={same} heard={heard} />}>
      <DataTable>
        <thead>
          <tr>
            <td />
            <th scope="col">Desired</th>
            <th scope="col">Reported</th>
          </tr>
        </thead>
        <tbody>
          <Row name="Release">
            <ReleaseName release={desired?.release ?? null} />
            <ReleaseName release={running} />
          </Row>
          <Row name="Order">
            {desired === null ? none : `no. ${desired.counter}`}
            {reported === null || reported.desiredCounter === 0
              ? 'none heard'
              : `no. ${reported.desiredCounter} heard`}
          </Row>
          <Row name="Since">
            {desired === null ? none : formatDateTime(desired.at)}
            {reported?.running ? formatDateTime(reported.running.since) : none}
          </Row>
          <tr>
            <th scope="row">Update</th>
            <td colSpan={2}>{reported === null ? none : <UpdateState update={reported.update} />}</td>
          </tr>
        </tbody>
      </DataTable>
    </Panel>
  );
}

function Agreement({ same, heard }: { readonly same: boolean; readonly heard: boolean }) {
  if (same) return <>runs what it should</>;
  return <span className={table.warn}>{heard ? 'not there yet' : 'has not heard the latest order'}</span>;
}

function Row({
  name,
  children,
}: {
  readonly name: string;
  readonly children: readonly [ReactNode, ReactNode];
}) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children[0]}</td>
      <td>{children[1]}</td>
    </tr>
  );
}
