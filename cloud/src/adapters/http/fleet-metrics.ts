import {
  type AlertKind,
  alertKinds,
  type RolloutStatus,
  rolloutStatuses,
  type StationView,
  stationConditions,
} from '@pomona/wire';
import type { Registry } from 'prom-client';
import type { IngestFigures } from '../../use-cases/ingest.ts';
import { gauge } from './metrics-gauge.ts';

export interface ShadowAt {
  readonly rollout: number;
  readonly station: string;
  readonly fruits: number;
  readonly agreement: number | null;
}

export interface FleetFigures {
  readonly stations: readonly Pick<StationView, 'condition'>[];
  readonly rejections: readonly {
    readonly channel: string | null;
    readonly cause: string;
    readonly count: number;
  }[];
  readonly alerts: readonly { readonly kind: AlertKind; readonly count: number }[];
  readonly rollouts: readonly { readonly status: RolloutStatus; readonly count: number }[];
  readonly shadows: readonly ShadowAt[];
  readonly brokerClients: number | null;
  readonly ingest: IngestFigures;
}

/** Figures of all stations together. Every name of a fixed list is told, as 0 where there is none: an absent series raises no alarm. */
export function addFleet(register: Registry, figures: FleetFigures): void {
  const conditions = gauge(register, 'stations', 'Stations by condition', ['condition']);
  for (const condition of stationConditions) conditions.set({ condition }, 0);
  for (const { condition } of figures.stations) conditions.inc({ condition });

  const alerts = gauge(register, 'alerts_open', 'Alerts whose cause is not gone', ['kind']);
  for (const kind of alertKinds) alerts.set({ kind }, 0);
  for (const { kind, count } of figures.alerts) alerts.set({ kind }, count);

  const rollouts = gauge(register, 'rollouts', 'Rollouts by status', ['status']);
  for (const status of rolloutStatuses) rollouts.set({ status }, 0);
  for (const { status, count } of figures.rollouts) rollouts.set({ status }, count);

  addShadows(register, figures.shadows);

  const { brokerClients, ingest } = figures;
  if (brokerClients !== null)
    gauge(register, 'broker_clients', 'Connections of the broker in this process').set(brokerClients);
  const records = gauge(
    register,
    'ingest_records_total',
    'Records committed and acknowledged, of this start',
    ['channel'],
  );
  for (const [channel, count] of ingest.records) records.set({ channel }, count);
  gauge(register, 'ingest_waiting_records', 'Records that wait for a commit').set(ingest.waiting);

  const rejected = gauge(register, 'rejected_messages_total', 'Messages refused', ['channel', 'cause']);
  for (const { channel, cause, count } of figures.rejections)
    rejected.set({ channel: channel ?? '', cause }, count);
}

function addShadows(register: Registry, shadows: readonly ShadowAt[]): void {
  const labels = ['rollout', 'station'];
  const fruits = gauge(
    register,
    'shadow_fruits',
    'Fruits that a candidate has graded silently, as long as its shadow phase goes on',
    labels,
  );
  const agreement = gauge(
    register,
    'shadow_agreement_ratio',
    'Share of those fruits that it gave the grade that they got',
    labels,
  );
  for (const { rollout, station, ...found } of shadows) {
    fruits.set({ rollout: String(rollout), station }, found.fruits);
    if (found.agreement !== null) agreement.set({ rollout: String(rollout), station }, found.agreement);
  }
}
