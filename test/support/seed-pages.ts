import { deflateRawSync } from 'node:zlib';
import type { ControlPlane } from '@pomona/cloud';
import {
  enrolTestStation,
  eventually,
  TestStation,
  testBoot,
  testGrades,
  testHealth,
  testStatus,
} from '@pomona/cloud/testing';
import type { RolloutDetail } from '@pomona/wire';
import { consoleAnswers } from '../console-answers.ts';
import { sendWindows } from './send-windows.ts';

const size = 32;
const labels = ['bad', 'good', 'ok'];

export interface SeededPages {
  /** Connected; to be ended by the test. */
  readonly station: TestStation;
  readonly digest: string;
  readonly rollout: number;
}

/** Something for every page to show: three stations, models with gates, trainings, a rollout, samples, refused messages. */
export async function seedPages(plane: ControlPlane): Promise<SeededPages> {
  const { stores } = plane;
  const nowMs = Date.now();
  const answers = consoleAnswers();
  for (const dataset of answers.datasets) await stores.datasets.save(dataset);
  for (const model of answers.models)
    await stores.models.save({
      ...model,
      gates: [
        {
          name: 'accuracy',
          figure: 0.9618,
          limit: 0.9,
          comparison: '>=',
          verdict: 'passed',
          detail: 'on the test split',
        },
        {
          name: 'latency-p99-ms',
          figure: null,
          limit: 50,
          comparison: '<=',
          verdict: 'insufficient-data',
          detail: 'not measured on a board',
        },
      ],
    });
  await stores.models.setAlias({
    name: 'apples',
    alias: 'candidate',
    version: 3,
    actor: 'ann',
    reason: 'trained on more russet',
    detail: 'all gates passed',
    atMs: nowMs,
  });
  await addTrainings(plane, nowMs);

  await enrolTestStation(plane, 'east', 'demo', 'line-2');
  const gone = await TestStation.connect(plane, await enrolTestStation(plane, 'south', 'demo', 'line-1'));
  await gone.send('status', testStatus('offline'));
  const station = await TestStation.connect(plane, await enrolTestStation(plane, 'north', 'demo', 'line-1'));
  await sendAll(station);
  await sendWindows(station, [
    { windows: 12, line: {} },
    { windows: 4, line: { gain: 0.6 } },
  ]);
  await eventually(async () => {
    const { stations } = await plane.overview();
    const [north, south] = ['north', 'south'].map((name) => stations.find((view) => view.station === name));
    return north?.health?.seq === 31 && south?.condition === 'offline';
  });
  await eventually(async () => (await stores.samples.counts({})).unlabelled === 2);
  await eventually(async () => (await stores.alerts.list()).some(({ kind }) => kind === 'drift-camera'));
  await gone.end();
  return { station, digest: answers.datasets[0]!.digest, rollout: await rollOut(plane, station) };
}

async function addTrainings({ stores }: ControlPlane, nowMs: number): Promise<void> {
  const epochs = Array.from({ length: 12 }, (_, i) => ({
    epoch: i + 1,
    loss: 1.1 / (1 + i / 3),
    accuracy: 0.96 - 0.5 / (i + 1),
    validationLoss: i === 0 ? null : 1.2 / (1 + i / 4),
    validationAccuracy: 0.94 - 0.45 / (i + 1),
  }));
  const training = { kind: 'train', actor: 'ann', request: {} } as const;
  const failed = await stores.jobs.add(training, 'running', nowMs - 90_000);
  await stores.jobs.end(failed, 'failed', 'single-class: images of one grade only', nowMs - 60_000);
  const now = await stores.jobs.add(training, 'running', nowMs);
  await stores.jobs.setEpochs(now, epochs);
}

async function sendAll(station: TestStation): Promise<void> {
  const at = new Date().toISOString();
  const release = { name: 'apples', version: 2, digest: 'f00d'.padEnd(64, '0') };
  await station.send('status', { ...testStatus('online'), at, board: 'Raspberry Pi 5', release });
  await station.send('reported', {
    ...{ v: 1, boot: testBoot, seq: 0, at, desiredCounter: 0, recipeVersion: 1 },
    update: { state: 'active', release, fetchedBytes: 1_430_000, totalBytes: 1_430_000, reason: null },
    running: { release, variant: 'int8', since: at, why: 'int8: 0.11 ms per view, fp32 0.24; both right' },
  });
  const { fruits } = testGrades(Array.from({ length: 30 }, (_, i) => i + 1));
  await station.send('grades', {
    ...testGrades([1], { at, release, labels }),
    fruits: fruits.map((fruit, i) => {
      const grade = i % 6 === 5 ? 'bad' : i % 4 === 3 ? 'ok' : 'good';
      const sure = 0.97 - (i % 7) * 0.06;
      const probabilities = labels.map((label) => (label === grade ? sure : (1 - sure) / 2));
      return {
        ...fruit,
        ...{
          at: new Date(Date.now() - 3_000 * (29 - i)).toISOString(),
          grade,
          gate: labels.indexOf(grade),
          probabilities,
        },
      };
    }),
  });
  await station.send(
    'health',
    testHealth(31, {
      ...{ at, loadAverage: 1.82, temperatureC: 71.5, fruits: 30, outboxDepth: 4 },
      // An hour: it must not become stale while somebody looks at pictures.
      intervalS: 3_600,
      certificate: {
        endsAt: new Date(Date.now() + 20 * 86_400_000).toISOString(),
        trouble: 'https://packhouse:8443 does not answer. Open the port, or look at the cable.',
      },
      throttled: { now: ['under-voltage'], sinceBoot: ['under-voltage', 'throttled'] },
    }),
  );
  await station.sendBytes('grades', 'no JSON');
  for (const [i, probabilities] of [
    [0.1, 0.46, 0.44],
    [0.3, 0.5, 0.2],
  ].entries())
    await station.send('samples', {
      ...{ v: 1, boot: testBoot, seq: 40 + i, at, release, labels, size, reason: 'uncertain' },
      fruit: { seq: i + 1, at, lane: i, grade: 'good', probabilities },
      views: Array.from({ length: 7 }, (_, turn) => packedView(turn + i)),
    });
}

/** A red disc on a dark belt with a brown spot that turns with it. */
function packedView(turn: number): string {
  const pixels = new Uint8Array(size * size * 3);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [dx, dy] = [x - size / 2, y - size / 2];
      const isSpot = Math.hypot(dx - 8 + 2 * turn, dy) < 3;
      const colour = Math.hypot(dx, dy) > 13 ? [28, 30, 32] : isSpot ? [95, 60, 30] : [190, 60 + 2 * y, 50];
      pixels.set(colour, (y * size + x) * 3);
    }
  return deflateRawSync(pixels).toString('base64');
}

/** In its shadow phase, which north has some fruit of. */
async function rollOut(plane: ControlPlane, station: TestStation): Promise<number> {
  await plane.setDesired('north', { release: { name: 'apples', version: 2 } });
  const answer = await fetch(`${plane.urls.console}/v1/rollouts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${plane.localToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      release: { name: 'apples', version: 3 },
      query: {},
      plan: { shadow: { fruitsMin: 1_000 } },
      reason: 'better on russet',
    }),
  });
  const body = (await answer.json()) as { id: number };
  if (!answer.ok) throw new Error(`the rollout answered ${answer.status}: ${JSON.stringify(body)}`);
  await shadowAt(station, body.id);
  await eventually(async () => {
    const { shadow } = await get<RolloutDetail>(plane, `/v1/rollouts/${body.id}`);
    return shadow?.fruits === 640;
  });
  return body.id;
}

async function shadowAt(station: TestStation, rollout: number): Promise<void> {
  const at = new Date().toISOString();
  const champion = { name: 'apples', version: 2, digest: 'f00d'.padEnd(64, '0') };
  const candidate = { name: 'apples', version: 3, digest: 'c0ffee'.padEnd(64, '0') };
  await station.send('reported', {
    ...{ v: 1, boot: testBoot, seq: 60, at, desiredCounter: 9, recipeVersion: 1 },
    update: {
      state: 'active',
      release: champion,
      fetchedBytes: 1_430_000,
      totalBytes: 1_430_000,
      reason: null,
    },
    running: {
      release: champion,
      variant: 'int8',
      since: at,
      why: 'int8: 0.11 ms per view, fp32 0.24; both right',
    },
    shadow: { rollout, release: candidate, state: 'running', reason: null },
  });
  const pairs = [
    { champion: 'good', candidate: 'good', count: 441 },
    { champion: 'ok', candidate: 'ok', count: 96 },
    { champion: 'bad', candidate: 'bad', count: 71 },
    { champion: 'ok', candidate: 'bad', count: 23 },
    { champion: 'good', candidate: 'ok', count: 9 },
  ];
  await station.send('shadow', {
    ...{ v: 1, boot: testBoot, seq: 61, at, rollout, champion, candidate, since: at },
    ...{ fruits: 640, skipped: 57, views: 4_480, pairs, msPerView: { champion: 0.112, candidate: 0.126 } },
  });
}

async function get<T>(plane: ControlPlane, path: string): Promise<T> {
  const answer = await fetch(`${plane.urls.console}${path}`, {
    headers: { authorization: `Bearer ${plane.localToken}` },
  });
  return (await answer.json()) as T;
}
