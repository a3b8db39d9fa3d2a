import type { StationView } from '@pomona/wire';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { Type } from 'typebox';
import type { App } from './create-app.ts';

export interface MetricsPorts {
  stations(): Promise<readonly StationView[]>;
  rejections(): Promise<
    readonly { readonly channel: string | null; readonly cause: string; readonly count: number }[]
  >;
}

const text = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * `GET /metrics` for Prometheus (text format 0.0.4). Read anew at each scrape. A station has two dozen series; labels are
 * stations, grades, channels and causes, all of which are bounded.
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
      const [stations, rejections] = await Promise.all([ports.stations(), ports.rejections()]);
      const register = new Registry();
      addStations(register, stations);
      const rejected = gauge(register, 'rejected_messages_total', 'Messages refused', ['channel', 'cause']);
      for (const { channel, cause, count } of rejections)
        rejected.inc({ channel: channel ?? '', cause }, count);
      const body = `${await own.metrics()}\n${await register.metrics()}`;
      return reply.serializer(String).type(text).send(body);
    },
  );
}

function addStations(register: Registry, stations: readonly StationView[]): void {
  const place = ['site', 'line', 'station'];
  const of = (name: string, help: string, more: string[] = []) =>
    gauge(register, name, help, [...place, ...more]);
  const online = of('station_online', '1 when the station is connected and sends');
  const fruits = of('station_fruits_total', 'Fruits stored', ['grade']);
  const release = of('station_release_info', 'What it runs', ['name', 'version', 'variant']);
  const latency = of('station_latency_seconds', 'From the last view to the decision', ['quantile']);
  const figures = [
    [of('station_frames_per_second', 'Frames looked at'), 'framesPerSecond', 1],
    [of('station_missed_deadlines_total', 'Decided after the gate, of this boot'), 'missedDeadlines', 1],
    [of('station_dropped_frames_total', 'Frames not looked at, of this boot'), 'droppedFrames', 1],
    [of('station_cpu_cores', 'Cores in use by the agent'), 'cpuPercent', 0.01],
    [of('station_resident_bytes', 'Memory of the agent'), 'rssMb', 1e6],
    [of('station_temperature_celsius', 'The hottest sensor'), 'temperatureC', 1],
    [of('station_disk_free_bytes', 'Of the agent’s data folder'), 'diskFreeMb', 1e6],
    [of('station_outbox_records', 'Waiting to be acknowledged'), 'outboxDepth', 1],
    [of('station_outbox_dropped_total', 'Thrown away because the outbox was full'), 'outboxDropped', 1],
  ] as const;
  for (const { site, line, station, status, grades, reported, health } of stations) {
    const at = { site, line, station };
    online.set(at, status?.state === 'online' ? 1 : 0);
    for (const { grade, count } of grades) fruits.set({ ...at, grade }, count);
    if (reported?.running) {
      const { release: ref, variant } = reported.running;
      release.set({ ...at, name: ref.name, version: ref.version, variant }, 1);
    }
    if (health === null) continue;
    latency.set({ ...at, quantile: '0.5' }, health.latencyMs.p50 / 1000);
    latency.set({ ...at, quantile: '0.99' }, health.latencyMs.p99 / 1000);
    for (const [figure, name, factor] of figures) {
      const value = health[name];
      if (value !== null) figure.set(at, value * factor);
    }
  }
}

/** Counted elsewhere and only told here, so even what grows is a gauge to the library. */
function gauge(register: Registry, name: string, help: string, labelNames: string[]): Gauge {
  return new Gauge({ name: `pomona_${name}`, help, labelNames, registers: [register] });
}
