import { seededRandom } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades } from '../testing/test-station.ts';

const windowFruits = 100;
let running: TestControlPlane;
let station: TestStation;
beforeAll(async () => {
  running = await startTestControlPlane({ driftWindowFruits: windowFruits });
  station = await TestStation.connect(running.plane, await enrolTestStation(running.plane, 'left'));
});
afterAll(async () => {
  await station.end();
  await running.remove();
});

const random = seededRandom(1, 'drift');
let seq = 0;

async function send(windows: number, gain: number): Promise<void> {
  for (let i = 0; i < windows; i++) {
    const message = testGrades(Array.from({ length: windowFruits }, () => ++seq));
    for (const fruit of message.fruits) {
      const red = gain * (120 + 80 * random.next());
      Object.assign(fruit, { colour: [red, red / 2, red / 3], views: 5 });
    }
    await station.send('grades', message);
  }
}

const alertsOf = async () =>
  (await running.plane.stores.alerts.list()).map(({ kind, closedAt }) => `${kind} ${closedAt === null}`);

it('raises one alert when a lamp fails, and closes it when it is well again', async () => {
  await send(8, 1);
  await eventually(async () => (await running.plane.overview()).fruits === 800);
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(await alertsOf()).toEqual([]);
  await send(3, 0.5);
  await eventually(async () => (await alertsOf()).length > 0, 8_000);
  expect(await alertsOf()).toEqual(['drift-camera true']);
  await send(1, 1);
  await eventually(async () => (await alertsOf())[0] === 'drift-camera false', 8_000);
  expect(await alertsOf()).toHaveLength(1);
}, 25_000);
