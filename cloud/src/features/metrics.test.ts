import { expect, it } from 'vitest';
import { seriesPerStationMax } from '../adapters/http/station-metrics.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import {
  enrolTestStation,
  TestStation,
  testBoot,
  testGrades,
  testHealth,
  testStatus,
} from '../testing/test-station.ts';

async function scrape({ plane }: TestControlPlane): Promise<string> {
  const headers = { authorization: `Bearer ${plane.localToken}` };
  return (await fetch(new URL('/metrics', plane.urls.console), { headers })).text();
}

const linesOf = (text: string, name: string) => text.match(new RegExp(`^pomona_${name}[{ ].*$`, 'gm')) ?? [];

it('tells Prometheus what every station graded, and nobody without a token', async () => {
  const { plane, remove } = await startTestControlPlane();
  try {
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    await station.send('grades', testGrades([1, 2, 3]));
    await eventually(async () => (await plane.overview()).fruits === 3);
    const url = new URL('/metrics', plane.urls.console);
    expect((await fetch(url)).status).toBe(401);
    const answer = await fetch(url, { headers: { authorization: `Bearer ${plane.localToken}` } });
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await answer.text();
    const fruits = [
      ...text.matchAll(/^pomona_station_fruits_total\{.*station="left",grade="\w+"\} (\d+)$/gm),
    ];
    expect(fruits.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3);
    expect(text).toMatch(/^# TYPE pomona_control_plane_process_resident_memory_bytes gauge$/m);
    expect(text).toMatch(/^pomona_station_online\{site="\w+",line="[\w-]+",station="left"\} [01]$/m);
    await station.end();
  } finally {
    await remove();
  }
});

it('tells how the fleet does: conditions, alerts, rollouts, the broker, what came in and what was refused', async () => {
  const clock = new ManualClock(Date.now());
  const running = await startTestControlPlane({ clock });
  const { plane } = running;
  try {
    await enrolTestStation(plane, 'never');
    const station = await TestStation.connect(plane, await enrolTestStation(plane, 'left'));
    await station.send('status', testStatus('online'));
    await station.send('grades', testGrades([1, 2]));
    await station.send('health', testHealth(3, { intervalS: 10 }));
    await station.sendBytes('grades', 'no JSON');
    const viewed = async () => (await plane.overview()).stations.find((view) => view.station === 'left');
    await eventually(async () => (await viewed())?.health?.seq === 3);
    await eventually(async () => (await plane.stores.rejections.totals()).length === 1);
    for (const name of ['left', 'right'])
      await plane.stores.alerts.open(
        {
          kind: 'drift-model',
          severity: 'warning',
          station: name,
          title: 'x',
          detail: 'y',
          evidence: {},
        },
        clock.nowMs(),
      );
    const text = await scrape(running);
    expect(linesOf(text, 'stations')).toEqual([
      'pomona_stations{condition="online"} 1',
      'pomona_stations{condition="stale"} 0',
      'pomona_stations{condition="offline"} 0',
      'pomona_stations{condition="never-seen"} 1',
    ]);
    expect(linesOf(text, 'alerts_open')).toContain('pomona_alerts_open{kind="drift-model"} 2');
    expect(linesOf(text, 'alerts_open')).toContain('pomona_alerts_open{kind="rollout-paused"} 0');
    expect(linesOf(text, 'rollouts')).toContain('pomona_rollouts{status="running"} 0');
    // The station, and the control plane's own.
    expect(linesOf(text, 'broker_clients')).toEqual(['pomona_broker_clients 2']);
    expect(linesOf(text, 'ingest_records_total').toSorted()).toEqual([
      'pomona_ingest_records_total{channel="grades"} 2',
      'pomona_ingest_records_total{channel="health"} 1',
      'pomona_ingest_records_total{channel="status"} 1',
    ]);
    expect(linesOf(text, 'rejected_messages_total')).toHaveLength(1);
    expect(linesOf(text, 'rejected_messages_total')[0]).toMatch(/channel="grades",cause="[\w-]+"\} 1$/);

    clock.ms += 30_001;
    await station.send('grades', testGrades([4]));
    await eventually(async () => (await plane.overview()).fruits === 3);
    expect((await viewed())?.condition).toBe('stale');
    expect(linesOf(await scrape(running), 'stations')).toContain('pomona_stations{condition="stale"} 1');
    await station.send('health', testHealth(5));
    await eventually(async () => (await viewed())?.condition === 'online');
    await station.end();
  } finally {
    await running.remove();
  }
});

it('has a bounded number of series for each of 500 stations', async () => {
  const running = await startTestControlPlane();
  const stations = 500;
  const grades = ['good', 'ok', 'bad'];
  try {
    const { stores } = running.plane;
    const records = [];
    for (let i = 0; i < stations; i++)
      records.push(
        await stores.stations.ensure({ site: 'orchard', line: 'one', station: `s${i}` }, Date.now()),
      );
    await stores.telemetry.commit({
      receivedAtMs: Date.now(),
      grades: records.map((station) => ({ station, message: testGrades([1, 2, 3]) })),
      health: records.map((station) => ({
        station,
        message: testHealth(4, {
          loadAverage: 1,
          temperatureC: 50,
          notFruit: 2,
          certificate: { endsAt: '2027-01-01T00:00:00.000Z' },
          throttled: { now: ['throttled'], sinceBoot: [] },
          camera: { faults: [], luma: 40, sharpness: 1, shiftPx: 0 },
          gates: { connected: true, fired: 9, merged: 0, late: 0, failed: 0, confirmed: 8, unconfirmed: 1 },
        }),
      })),
      samples: [],
      drift: [],
      shadows: [],
      status: new Map(records.map(({ id }) => [id, testStatus('online')])),
      reported: new Map(records.map(({ id }) => [id, reported])),
      quarantined: [],
      rejections: records.map(({ station }) => ({
        station,
        channel: 'grades',
        cause: 'schema',
        count: 1,
        detail: '',
      })),
      heard: new Set(records.map(({ id }) => id)),
    });
    const text = await scrape(running);
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const name of ['s0', 's499']) {
      const own = series.filter((line) => line.includes(`station="${name}"`));
      // Everything that a station can tell is told here, so the bound is met and not just kept.
      expect(own).toHaveLength(seriesPerStationMax + grades.length);
      const ends = own.find((line) => line.startsWith('pomona_station_certificate_end_timestamp_seconds'));
      expect(ends).toMatch(/ 1798761600$/);
    }
    const ofNone = series.filter((line) => !line.includes('station="'));
    expect(ofNone.length).toBeLessThan(150);
    expect(linesOf(text, 'rejected_messages_total')).toEqual([
      `pomona_rejected_messages_total{channel="grades",cause="schema"} ${stations}`,
    ]);
  } finally {
    await running.remove();
  }
});

const reported = {
  v: 1,
  boot: testBoot,
  seq: 5,
  at: '2026-01-01T00:00:00.000Z',
  desiredCounter: 1,
  update: { state: 'idle', release: null, fetchedBytes: 0, totalBytes: 0, reason: null },
  running: {
    release: { name: 'apples', version: 1, digest: 'a'.repeat(64) },
    variant: 'int8',
    since: '2026-01-01T00:00:00.000Z',
  },
  recipeVersion: 1,
} as const;
