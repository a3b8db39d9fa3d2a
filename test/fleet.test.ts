/** 500 stations on one control plane: each with a certificate of its own, over MQTT and TLS, all in this process. */
import {
  enrolTestStation,
  eventually,
  startTestControlPlane,
  TestStation,
  testGrades,
} from '@pomona/cloud/testing';
import { openDesired } from '@pomona/release';
import { decode } from '@pomona/wire';
import { expect, it } from 'vitest';

const stationsMax = 500;
const fruitsEach = 40;

it(`connects ${stationsMax} stations, brings each its own desired state, and stores every fruit once`, async () => {
  const { plane, remove } = await startTestControlPlane();
  const names = Array.from({ length: stationsMax }, (_, i) => `station-${i}`);
  const identities = await inTurns(names, 16, (name) => {
    // Boards have an address each, and enrolment is limited by address.
    const i = names.indexOf(name);
    return enrolTestStation(plane, name, 'orchard', 'one', `127.1.${i >> 8}.${i & 255}`);
  });

  const connecting = performance.now();
  const stations = await inTurns(identities, 50, (identity) => TestStation.connect(plane, identity));
  const connectS = (performance.now() - connecting) / 1_000;
  // Three times what an idle machine takes: after a power cut a fleet comes back in a time that one can wait for.
  expect(connectS).toBeLessThan(30);

  const desired = new Map<string, number>();
  const acknowledged = new Map<string, Set<number>>(names.map((name) => [name, new Set()]));
  for (const { client, identity } of stations) {
    client.on('message', (topic, payload) => {
      if (topic.endsWith('/desired')) {
        const message = decode('desired', payload);
        if (!message.ok) throw new Error(message.detail);
        const { site, line, station, answer } = identity;
        const address = { site, line, station };
        const opened = openDesired(message.value, answer.desiredKeyPem, { address, counterMin: 1 });
        desired.set(station, opened.counter);
      } else {
        const message = decode('ack', payload);
        if (!message.ok) throw new Error(message.detail);
        for (const [low, high] of message.value.ranges)
          for (let seq = low; seq <= high; seq++) acknowledged.get(identity.station)!.add(seq);
      }
    });
  }
  await inTurns(stations, 50, async (station) => {
    await station.client.subscribeAsync(station.topic('desired'), { qos: 1 });
    await station.client.subscribeAsync(station.topic('ack'), { qos: 1 });
  });

  const wishing = performance.now();
  await inTurns(names, 16, (name) => plane.setDesired(name, { release: null }));
  await eventually(() => desired.size === stationsMax, 135_000);
  const desiredS = (performance.now() - wishing) / 1_000;
  expect(new Set(desired.values())).toEqual(new Set([1]));

  const sending = performance.now();
  await inTurns(stations, 50, async (station) => {
    for (let seq = 1; seq <= fruitsEach; seq += 10) {
      const grades = testGrades(Array.from({ length: 10 }, (_, i) => seq + i));
      await station.send('grades', grades);
      // As an agent does whose acknowledgement did not come in time.
      if (seq === 1) await station.send('grades', grades);
    }
  });
  await eventually(() => [...acknowledged.values()].every(({ size }) => size === fruitsEach), 60_000);
  const storedS = (performance.now() - sending) / 1_000;
  const overview = await plane.overview();
  expect(overview.fruits).toBe(stationsMax * fruitsEach);
  expect(overview.stations.every(({ fruits }) => fruits === fruitsEach)).toBe(true);
  expect(await plane.stores.rejections.list()).toEqual([]);

  process.stdout.write(
    `${stationsMax} stations: connected in ${connectS.toFixed(1)} s, desired in ${desiredS.toFixed(1)} s, ` +
      `${overview.fruits} fruits stored and acknowledged in ${storedS.toFixed(1)} s\n`,
  );
  await Promise.all(stations.map(({ client }) => client.endAsync(true)));
  await remove();
}, 240_000);

/** Maps with at most `atOnce` under way. */
async function inTurns<T, R>(
  values: readonly T[],
  atOnce: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < values.length; i = next++) results[i] = await work(values[i]!);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}
