import type { AlertView, CameraFault, StationView } from '@pomona/wire';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraFault, healthFault } from '../domain/station-verdict.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { Alerts, type NewAlert } from '../use-cases/alerts.ts';
import { startAlerts } from './alerts.ts';

let running: TestControlPlane;
const clock = new ManualClock();
const logger = new RecordingLogger();
beforeAll(async () => {
  running = await startTestControlPlane();
});
afterAll(() => running.remove());

const dark = (station: string): NewAlert => ({
  kind: 'drift-camera',
  severity: 'warning',
  station,
  title: 'The pictures have become darker',
  detail: 'Clean the lens.',
  evidence: { luma: 40 },
});

async function api<T>(path: string, body?: object): Promise<{ status: number; body: T }> {
  const { plane } = running;
  const answer = await fetch(new URL(path, plane.urls.console), {
    method: body ? 'POST' : 'GET',
    headers: {
      authorization: `Bearer ${plane.localToken}`,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as T };
}

describe('alerts', () => {
  it('are one per episode and station, and a new one after the old is over', async () => {
    const alerts = new Alerts({ store: running.plane.stores.alerts, clock, logger });
    await alerts.raiseAlert(dark('left'));
    await alerts.raiseAlert(dark('left'));
    await alerts.raiseAlert(dark('right'));
    expect(await alerts.list()).toHaveLength(2);
    clock.ms += 1_000;
    await alerts.closeAlert('drift-camera', 'left');
    await alerts.closeAlert('drift-camera', 'left');
    await alerts.raiseAlert(dark('left'));
    await alerts.raiseAlert(dark('third'));
    await alerts.closeAlert('drift-camera', 'third');
    const { body } = await api<AlertView[]>('/v1/alerts');
    expect(body.map(({ station, closedAt }) => `${station} ${closedAt === null}`)).toEqual([
      'left true',
      'right true',
      'third false',
      'left false',
    ]);
    expect(body[3]).toMatchObject({ evidence: { luma: 40 }, closedAt: '2026-01-01T00:00:01.000Z' });
  });

  it('are acknowledged by name and with a note, and stay open', async () => {
    const [first] = (await api<AlertView[]>('/v1/alerts')).body;
    const answer = await api<AlertView>(`/v1/alerts/${first!.id}/acknowledge`, { note: 'lens cleaned' });
    expect(answer).toMatchObject({
      status: 200,
      body: { note: 'lens cleaned', acknowledgedBy: 'local', closedAt: null },
    });
    expect((await api('/v1/alerts/999/acknowledge', { note: '' })).status).toBe(404);
    expect((await api('/v1/alerts/1/acknowledge', {})).status).toBe(400);
  });
});

describe('an alert that gets worse', () => {
  const moved = (severity: 'warning' | 'critical', title: string): NewAlert => ({
    ...{ kind: 'station-camera', station: 'worse', severity, title, detail: `${title}.`, evidence: {} },
  });

  it('becomes critical once, is told of as a new one and to be seen to anew, and never becomes less', async () => {
    const { stores } = running.plane;
    const alerts = new Alerts({ store: stores.alerts, clock, logger });
    const news: string[] = [];
    const end = alerts.subscribe(({ event, alert }) => news.push(`${event} ${alert.severity} ${alert.id}`));
    const ofIt = async () => (await api<AlertView[]>('/v1/alerts')).body.filter((a) => a.station === 'worse');
    await alerts.raiseAlert(moved('warning', 'The camera moved'));
    const [warning] = await ofIt();
    await alerts.acknowledge(warning!.id, 'ann', 'will be set right at noon');
    clock.ms += 60_000;
    for (let i = 0; i < 3; i++) await alerts.raiseAlert(moved('critical', 'The picture is black'));
    for (let i = 0; i < 3; i++) await alerts.raiseAlert(moved('warning', 'The camera moved'));
    const all = await ofIt();
    expect(all).toMatchObject([
      {
        ...{ id: warning!.id, severity: 'critical', title: 'The picture is black', closedAt: null },
        ...{ openedAt: warning!.openedAt, acknowledgedAt: null, acknowledgedBy: null, note: null },
        before: {
          ...{ title: 'The camera moved', acknowledgedBy: 'ann', note: 'will be set right at noon' },
          until: new Date(clock.ms).toISOString(),
        },
      },
    ]);
    const { id } = warning!;
    await alerts.closeAlert('station-camera', 'worse');
    expect((await ofIt())[0]!.before?.title).toBe('The camera moved');
    end();
    expect(news).toEqual([
      `raised warning ${id}`,
      `acknowledged warning ${id}`,
      `escalated critical ${id}`,
      `over critical ${id}`,
    ]);
  });

  it('takes a reason that comes later, which is no news, and keeps it', async () => {
    const { stores } = running.plane;
    const alerts = new Alerts({ store: stores.alerts, clock, logger });
    const news: string[] = [];
    const end = alerts.subscribe(({ event }) => news.push(event));
    const of = (detail: string): NewAlert => ({
      ...{ kind: 'station-camera', station: 'hangs', severity: 'critical', title: 'It gives no pictures' },
      ...{ detail, evidence: {} },
    });
    for (const detail of [
      'Look at it.',
      'Look at it. (no frame for 15000 ms)',
      'Look at it.',
      'Wipe it, and look.',
    ])
      await alerts.raiseAlert(of(detail));
    end();
    const [alert] = (await stores.alerts.listOpen()).filter(({ station }) => station === 'hangs');
    expect(alert!.detail).toBe('Look at it. (no frame for 15000 ms)');
    expect(news).toEqual(['raised']);
    await alerts.closeAlert('station-camera', 'hangs');
  });
});

describe('the alert of a camera', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('is one while the camera comes and goes, and over when it has been well for a minute', async () => {
    const said: string[] = [];
    const store = {
      open: async ({ kind }: NewAlert) => void said.push(`raised ${kind}`),
      close: async (kind: string) => void said.push(`closed ${kind}`),
      acknowledge: async () => undefined,
      list: async () => [],
    };
    let faults: CameraFault[] = [];
    const feature = startAlerts({
      ...{ clock, logger, alerts: new Alerts({ store, clock, logger }) },
      viewStations: async () => [
        {
          ...{ station: 'left', enrolledAt: null },
          health: {
            ...{ temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0 },
            camera: { faults, luma: 4, sharpness: null, shiftPx: null },
          },
        } as unknown as StationView,
      ],
    });
    const run = async (seconds: number, now: CameraFault[]): Promise<string[]> => {
      faults = now;
      said.length = 0;
      for (let s = 0; s < seconds; s += 5) {
        clock.ms += 5_000;
        await vi.advanceTimersByTimeAsync(5_000);
      }
      return said.filter((text) => text.includes('camera'));
    };
    expect(await run(5, ['silent'])).toEqual(['raised station-camera']);
    for (let i = 0; i < 5; i++) {
      expect(await run(15, [])).toEqual([]);
      expect(await run(5, ['silent'])).toEqual(['raised station-camera']);
    }
    expect(await run(60, [])).toEqual([]);
    expect(await run(5, [])).toEqual(['closed station-camera']);
    await feature.stop?.();
  });
});

describe('the alert of a certificate', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
  afterEach(() => void vi.useRealTimers());

  it('is open from when a renewal fails near the end, until there is a new one', async () => {
    let certificate = { endsAt: new Date(clock.nowMs() + 40 * 86_400_000).toISOString(), trouble: 'no way' };
    const alerts = new Alerts({ store: running.plane.stores.alerts, clock, logger });
    const viewStations = async () => [
      {
        ...{ station: 'aging', enrolledAt: '2026-01-01T00:00:00.000Z', status: { state: 'online' } },
        health: { temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0, certificate },
      } as unknown as StationView,
    ];
    const feature = startAlerts({ alerts, clock, logger, viewStations });
    const ofIt = async () =>
      (await alerts.list('station-certificate')).map(({ closedAt }) => closedAt === null);
    await vi.advanceTimersByTimeAsync(5_000);
    await eventually(async () => (await ofIt()).length === 1);
    const [open] = await alerts.list('station-certificate');
    expect(open).toMatchObject({ station: 'aging', severity: 'warning', evidence: { trouble: 'no way' } });
    await vi.advanceTimersByTimeAsync(5_000);
    certificate = { ...certificate, endsAt: new Date(clock.nowMs() + 365 * 86_400_000).toISOString() };
    await eventually(async () => {
      await vi.advanceTimersByTimeAsync(5_000);
      return (await ofIt()).join() === 'false';
    });
    await feature.stop?.();
  });
});

describe('healthFault', () => {
  it('raises above one limit and clears below another', () => {
    const at = (temperatureC: number, wasIll: boolean) =>
      healthFault({ health: { temperatureC, diskFreeMb: 9e4, outboxDepth: 0 } } as StationView, wasIll)
        ?.title;
    expect([at(80, false), at(83, false), at(80, true), at(74, true)]).toEqual([
      undefined,
      'The board is too hot',
      'The board is too hot',
      undefined,
    ]);
  });

  it('tells of shots that miss their fruit while the outlets answer, and of fruit that is decided too late', () => {
    const of = (late: number, failed: number, missedDeadlines: number, wasIll: boolean) =>
      healthFault(
        {
          health: {
            ...{ temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0 },
            gates: { connected: true, fired: 9, merged: 0, late: 90, failed: 9, recent: { late, failed } },
            recent: { fruits: 500, missedDeadlines },
          },
        } as unknown as StationView,
        wasIll,
      );
    expect(of(2, 2, 4, false)).toBeUndefined();
    expect(of(3, 2, 0, false)).toMatchObject({
      title: 'Shots miss their fruit',
      evidence: { late: 3, failed: 2 },
    });
    expect(of(1, 0, 0, true)?.title).toBe('Shots miss their fruit');
    expect(of(0, 0, 5, false)?.title).toBe('Fruit is decided too late');
    expect(of(0, 0, 0, true)).toBeUndefined();
  });

  it('tells of grades that travel on together for want of outlets', () => {
    const gates = { connected: true, fired: 9, merged: 0, late: 0, failed: 0, withoutOutlet: [0, 4] };
    const health = { temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0, gates };
    expect(healthFault({ health } as unknown as StationView, false)).toMatchObject({
      title: 'Grades travel on together',
      detail: expect.stringContaining('gates 0, 4'),
    });
  });

  it('tells of a disk that took nothing at the start', () => {
    const titleOf = (diskFreeMb: number) => {
      const health = { temperatureC: 40, diskFreeMb, outboxDepth: 0, outboxInMemory: true };
      return healthFault({ health } as StationView, false)?.title;
    };
    expect([titleOf(1), titleOf(9_000)]).toEqual(['The disk is full', 'The disk can only be read']);
  });

  it('tells of outlets that do not answer', () => {
    const of = (connected: boolean, why?: string) =>
      healthFault(
        {
          health: {
            ...{ temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0 },
            gates: { connected, fired: 9, merged: 0, late: 1, failed: 3, ...(why && { why }) },
          },
        } as StationView,
        false,
      );
    expect(of(false)).toMatchObject({ title: 'The outlets do not answer', evidence: { failed: 3, late: 1 } });
    expect(of(false, 'no outlet can be opened: 10.0.0.9:502 refuses coil 77')).toMatchObject({
      title: 'No outlet works',
      detail: expect.stringMatching(/\(no outlet can be opened: 10\.0\.0\.9:502 refuses coil 77\)\.$/),
    });
    expect(of(true)).toBeUndefined();
  });

  it('tells of shots that no sensor confirms, from the fifth in a row until one is', () => {
    const of = (unconfirmedInARow: number, wasIll = false) =>
      healthFault(
        {
          health: {
            ...{ temperatureC: 40, diskFreeMb: 9e4, outboxDepth: 0 },
            gates: {
              ...{ connected: true, fired: 90, merged: 0, late: 0, failed: 0 },
              ...{ confirmed: 80, unconfirmed: 9, unconfirmedInARow },
            },
          },
        } as StationView,
        wasIll,
      );
    expect(of(4)).toBeUndefined();
    expect(of(5)).toMatchObject({
      title: 'Fruit does not leave by its outlet',
      evidence: { unconfirmedInARow: 5, unconfirmed: 9, confirmed: 80 },
    });
    expect(of(1, true)).toBeDefined();
    expect(of(0, true)).toBeUndefined();
  });

  it('says nothing of a station that never spoke of its health', () => {
    expect(healthFault({ health: null } as StationView, false)).toBeUndefined();
  });
});

describe('cameraFault', () => {
  const of = (faults: CameraFault[], why?: string) =>
    cameraFault({
      health: { camera: { faults, ...(why && { why }), luma: 4, sharpness: null, shiftPx: 7 } },
    } as unknown as StationView);

  it('names what blinds the line before what only harms it', () => {
    expect(of(['out-of-focus', 'black'])).toMatchObject({
      title: 'The camera’s picture is black',
      severity: 'critical',
      evidence: { faults: 'out-of-focus, black', luma: 4, shiftPx: 7 },
    });
    expect(of(['moved'])).toMatchObject({ severity: 'warning' });
  });

  it('says why there are no pictures, where the station knows it', () => {
    expect(of(['silent'], 'rpicam-vid is not installed')).toMatchObject({
      detail: expect.stringMatching(/^Look at its cable; .* \(rpicam-vid is not installed\)$/),
      evidence: { faults: 'silent', luma: 4, shiftPx: 7 },
    });
    expect(of(['silent'])!.detail).toMatch(/start\.$/);
    expect(of(['no-encoder', 'silent'], 'rpicam-vid is not installed')!.detail).toMatch(/its address\.$/);
  });

  it('is none of a camera that sees, nor of a station that does not tell', () => {
    expect(of([])).toBeUndefined();
    expect(cameraFault({ health: {} } as StationView)).toBeUndefined();
    expect(cameraFault({ health: null } as StationView)).toBeUndefined();
  });
});
