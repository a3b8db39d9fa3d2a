import type { StationView } from '@pomona/wire';
import type { Registry } from 'prom-client';
import { gauge } from './metrics-gauge.ts';

/** Of one station, beside one per grade. */
export const seriesPerStationMax = 19;

/** Figures of each station. A figure that it never told is no series. */
export function addStations(register: Registry, stations: readonly StationView[]): void {
  const place = ['site', 'line', 'station'];
  const of = (name: string, help: string, more: string[] = []) =>
    gauge(register, name, help, [...place, ...more]);
  const online = of('station_online', '1 when the station is connected and its health comes');
  const fruits = of('station_fruits_total', 'Fruits stored', ['grade']);
  const release = of('station_release_info', 'What it runs', ['name', 'version', 'variant']);
  const latency = of('station_latency_seconds', 'From the last view to the decision', ['quantile']);
  const throttled = of('station_throttled', '1 while the board slows itself down, where it tells');
  const camera = of('station_camera_faults', 'How many things are wrong with its camera, where it tells');
  const unconfirmed = of(
    'station_unconfirmed_shots_total',
    'Shots whose fruit no sensor saw leave, of this boot, where there is one',
  );
  const notFruit = of(
    'station_not_fruit_total',
    'Leaves, cups and hands that were told from fruit, of this boot, where it tells',
  );
  const certificate = of(
    'station_certificate_end_timestamp_seconds',
    'When the certificate ends by which it connects, where it tells',
  );
  const figures = [
    [of('station_frames_per_second', 'Frames looked at'), 'framesPerSecond', 1],
    [of('station_missed_deadlines_total', 'Decided after the gate, of this boot'), 'missedDeadlines', 1],
    [of('station_dropped_frames_total', 'Frames not looked at, of this boot'), 'droppedFrames', 1],
    [of('station_cpu_cores', 'Cores in use by the agent'), 'cpuPercent', 0.01],
    [of('station_load_average', 'Of the board, the last minute'), 'loadAverage', 1],
    [of('station_resident_bytes', 'Memory of the agent'), 'rssMb', 1e6],
    [of('station_temperature_celsius', 'The hottest sensor'), 'temperatureC', 1],
    [of('station_disk_free_bytes', 'Of the agent’s data folder'), 'diskFreeMb', 1e6],
    [of('station_outbox_records', 'Waiting to be acknowledged'), 'outboxDepth', 1],
    [of('station_outbox_dropped_total', 'Thrown away because the outbox was full'), 'outboxDropped', 1],
  ] as const;
  for (const { site, line, station, condition, grades, reported, health } of stations) {
    const at = { site, line, station };
    online.set(at, condition === 'online' ? 1 : 0);
    for (const { grade, count } of grades) fruits.set({ ...at, grade }, count);
    if (reported?.running) {
      const { release: ref, variant } = reported.running;
      release.set({ ...at, name: ref.name, version: ref.version, variant }, 1);
    }
    if (health === null) continue;
    if (health.notFruit !== undefined) notFruit.set(at, health.notFruit);
    latency.set({ ...at, quantile: '0.5' }, health.latencyMs.p50 / 1000);
    latency.set({ ...at, quantile: '0.99' }, health.latencyMs.p99 / 1000);
    if (health.throttled) throttled.set(at, health.throttled.now.length > 0 ? 1 : 0);
    if (health.gates?.unconfirmed !== undefined) unconfirmed.set(at, health.gates.unconfirmed);
    if (health.certificate) certificate.set(at, Date.parse(health.certificate.endsAt) / 1000);
    if (health.camera) camera.set(at, health.camera.faults.length);
    for (const [figure, name, factor] of figures) {
      const value = health[name] ?? null;
      if (value !== null) figure.set(at, value * factor);
    }
  }
}
