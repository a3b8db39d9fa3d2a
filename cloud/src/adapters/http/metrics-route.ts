import { Type } from '@pomona/schema';
import type { AlertKind, RolloutStatus, StationView } from '@pomona/wire';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { App } from './create-app.ts';
import { addFleet, type FleetFigures } from './fleet-metrics.ts';
import { addStations } from './station-metrics.ts';

export interface MetricsPorts {
  stations(): Promise<readonly StationView[]>;
  rejections(): Promise<FleetFigures['rejections']>;
  alerts(): Promise<readonly { readonly kind: AlertKind; readonly count: number }[]>;
  rollouts(): Promise<readonly { readonly status: RolloutStatus; readonly count: number }[]>;
  /** Of the rollouts that are in their shadow phase, by station. */
  shadows(): Promise<FleetFigures['shadows']>;
  figures(): Pick<FleetFigures, 'brokerClients' | 'ingest'>;
}

const text = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `GET /metrics` for Prometheus (text format 0.0.4). Read anew at each scrape. A station has at most
 * `seriesPerStationMax` series beside one per grade; all other labels are names from fixed lists.
 */
export function addMetricsRoute(app: App, ports: MetricsPorts): void {
  const own = new Registry();
  collectDefaultMetrics({ register: own, prefix: 'pomona_control_plane_' });
  app.get(
    '/metrics',
    {
      config: { role: 'viewer' },
      schema: {
        summary: 'Figures for Prometheus',
        produces: ['text/plain'],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      const [stations, rejections, alerts, rollouts, shadows] = await Promise.all([
        ports.stations(),
        ports.rejections(),
        ports.alerts(),
        ports.rollouts(),
        ports.shadows(),
      ]);
      const register = new Registry();
      addStations(register, stations);
      addFleet(register, { stations, rejections, alerts, rollouts, shadows, ...ports.figures() });
      const body = `${await own.metrics()}\n${await register.metrics()}`;
      return reply.serializer(String).type(text).send(body);
    },
  );
}
