import { TextInput } from '@mantine/core';
import type { Health, StationView } from '@pomona/wire';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  formatCount,
  formatDateTime,
  formatMegabytes,
  formatMs,
  formatRate,
  none,
} from '../domain/format.ts';
import { latencyTone, missedTone, outboxTone, type Tone } from '../domain/health-verdict.ts';
import { needsALook, runningRelease } from '../domain/station-condition.ts';
import { Ago } from './ago.tsx';
import { Condition } from './condition.tsx';
import { DataTable } from './data-table.tsx';
import { Panel } from './panel.tsx';
import { ReleaseName } from './release-name.tsx';
import { ShareBar } from './share-bar.tsx';
import styles from './stations-table.module.css';
import table from './table.module.css';
import { UpdateState } from './update-state.tsx';

const filterFrom = 8;
const rowsMost = 100;

/** Every station in a row: is it there, what does it run, how does it fare. */
export function StationsTable({ stations }: { readonly stations: readonly StationView[] }) {
  const [filter, setFilter] = useState('');
  const found = stations.filter(({ site, line, station }) =>
    `${site} ${line} ${station}`.includes(filter.trim().toLowerCase()),
  );
  const rows = found.length > rowsMost ? worstFirst(found).slice(0, rowsMost) : found;
  const online = stations.filter(({ condition }) => condition === 'online').length;
  return (
    <Panel
      title="Stations"
      note={`${online} of ${stations.length} online`}
      actions={
        stations.length >= filterFrom && (
          <TextInput
            size="xs"
            aria-label="Find a station"
            placeholder="Find a station"
            value={filter}
            onChange={(event) => setFilter(event.currentTarget.value)}
          />
        )
      }
    >
      <DataTable className={styles.stations}>
        <thead>
          <tr>
            <th scope="col">Station</th>
            <th scope="col">State</th>
            <th scope="col">Release</th>
            <th scope="col" className={table.number}>
              Fruits/s
            </th>
            <th
              scope="col"
              className={table.number}
              title="Latency from capture to decision: 99 of 100 fruits are faster"
            >
              Latency
            </th>
            <th
              scope="col"
              className={table.number}
              title="Fruits that took the default gate, decided too late"
            >
              Missed
            </th>
            <th scope="col" className={table.number}>
              Memory
            </th>
            <th
              scope="col"
              className={table.number}
              title="Records on the device that are not yet stored here"
            >
              Unsent
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((station) => (
            <StationRow key={station.station} station={station} />
          ))}
        </tbody>
      </DataTable>
      {found.length === 0 && <p className={styles.more}>No station is called that.</p>}
      {found.length > rowsMost && (
        <p className={styles.more}>
          {formatCount(found.length - rowsMost)} more: those that need a look come first, type a part of a
          name to find another.
        </p>
      )}
    </Panel>
  );
}

/** Where not all have room, none that needs a look may be among those left out. */
function worstFirst(stations: readonly StationView[]): StationView[] {
  return stations.toSorted((a, b) => Number(needsALook(b)) - Number(needsALook(a)));
}

function StationRow({ station }: { readonly station: StationView }) {
  const { health, reported, lastSeenAt } = station;
  const old = station.condition !== 'online';
  return (
    <tr>
      <th scope="row">
        <Link to="/stations/$station" params={{ station: station.station }} className={styles.name}>
          {station.station}
        </Link>
        <span className={table.soft}>
          {station.site} / {station.line}
        </span>
      </th>
      <td>
        <Condition station={station} />
        <span className={table.soft}>
          {lastSeenAt === null ? (
            'not seen yet'
          ) : (
            <>
              seen <Ago at={lastSeenAt} />
            </>
          )}
        </span>
      </td>
      <td className={styles.release}>
        <ReleaseName release={runningRelease(station)} />
        {reported !== null && <UpdateState update={reported.update} />}
      </td>
      <td className={table.number}>
        {formatRate(station.fruitsPerSecond)}
        <span className={styles.share}>
          <ShareBar grades={station.grades} of={`Grades of ${station.station}`} legend="none" />
        </span>
      </td>
      <HealthCell health={health} old={old} text={(h) => formatMs(h.latencyMs.p99)} tone={latencyTone} />
      <HealthCell health={health} old={old} text={(h) => formatCount(h.missedDeadlines)} tone={missedTone} />
      <HealthCell health={health} old={old} text={(h) => formatMegabytes(h.rssMb)} />
      <HealthCell health={health} old={old} text={(h) => formatCount(h.outboxDepth)} tone={outboxTone} />
    </tr>
  );
}

interface HealthCellProps {
  readonly health: Health | null;
  /** What the station said before it went away. */
  readonly old: boolean;
  readonly text: (health: Health) => string;
  readonly tone?: (health: Health) => Tone;
}

function HealthCell({ health, old, text, tone }: HealthCellProps) {
  const shown = health === null || tone === undefined ? 'plain' : tone(health);
  return (
    <td
      className={`${table.number} ${shown === 'plain' ? '' : table[shown]} ${old ? table.old : ''}`}
      title={old && health !== null ? `Last word, ${formatDateTime(health.at)}` : undefined}
    >
      {health === null ? none : text(health)}
    </td>
  );
}
