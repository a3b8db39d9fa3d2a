import { deflateRawSync } from 'node:zlib';
import type {
  CreatedToken,
  LabelAgreement,
  LabelEntry,
  Overview,
  Problem,
  SampleList,
  Samples,
  SampleView,
  StoredFruit,
} from '@pomona/wire';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isForSecond } from '../domain/label-standing.ts';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testBoot, testGrades } from '../testing/test-station.ts';

const size = 8;
const pack = (pixels: Uint8Array) => deflateRawSync(pixels).toString('base64');
const view = (value: number) => new Uint8Array(size * size * 3).fill(value);

let test: TestControlPlane;
let station: TestStation;
const auth = () => ({ authorization: `Bearer ${test.plane.localToken}` });
const acked: number[] = [];

beforeAll(async () => {
  test = await startTestControlPlane();
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
  station.client.on('message', (_topic, bytes) => {
    const { ranges } = JSON.parse(bytes.toString()) as { ranges: [number, number][] };
    for (const [from, to] of ranges) for (let seq = from; seq <= to; seq++) acked.push(seq);
  });
  await station.client.subscribeAsync(station.topic('ack'), { qos: 1 });
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

function sample(seq: number, probabilities: number[], change: Partial<Samples> = {}): Samples {
  const { release, labels, at } = testGrades([1]);
  return {
    ...{ v: 1, boot: testBoot, seq, at, release, labels, size, reason: 'uncertain' },
    fruit: { seq: 1, at, lane: 1, grade: 'ok', probabilities },
    views: [pack(view(40)), pack(view(200))],
    ...change,
  };
}

async function api<T>(
  path: string,
  body?: unknown,
  { authorization } = auth(),
  method = 'PUT',
): Promise<{ status: number; body: T }> {
  const init = body && {
    method,
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(body),
  };
  const answer = await fetch(test.plane.urls.console + path, init || { headers: { authorization } });
  return { status: answer.status, body: (await answer.json()) as T };
}

it('keeps each sample once, and acknowledges also what it puts into quarantine', async () => {
  await station.send('grades', testGrades([1]));
  await station.send('samples', sample(10, [0.5, 0.3, 0.2]));
  await station.send('samples', sample(10, [0.5, 0.3, 0.2]));
  await station.send('samples', sample(11, [0.4, 0.3, 0.3]));
  await station.send('samples', sample(12, [0.4, 0.3, 0.3], { views: [pack(new Uint8Array(1_000_000))] }));
  await eventually(() => [1, 10, 11, 12].every((seq) => acked.includes(seq)));
  const { body } = await api<SampleList>('/v1/samples?state=unlabelled&order=uncertain');
  expect(body.counts).toEqual({ labelled: 0, unlabelled: 2, quarantined: 0 });
  expect(body.samples.map(({ uncertainty, views }) => [uncertainty, views])).toEqual([
    [0.6, 2],
    [0.5, 2],
  ]);
  expect(body.samples[0]).toMatchObject({
    station: 'left',
    fruit: { boot: testBoot, seq: 1, positionMm: 100.5 },
  });
});

it('draws the views beside each other', async () => {
  const { body } = await api<SampleList>('/v1/samples');
  const answer = await fetch(`${test.plane.urls.console}/v1/samples/${body.samples[0]!.id}/image.png`, {
    headers: auth(),
  });
  const { data, info } = await sharp(Buffer.from(await answer.arrayBuffer()))
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([(2 * size + 2) * 3, size * 3]);
  expect([data[0], data[(info.width - 1) * info.channels]]).toEqual([40, 200]);
});

it('remembers every label that was given, and by whom', async () => {
  const [first] = (await api<SampleList>('/v1/samples?order=uncertain')).body.samples;
  const path = `/v1/samples/${first!.id}`;
  for (const label of ['good', null, 'bad']) {
    const { status, body } = await api<SampleView>(`${path}/label`, { label });
    expect([status, body.label]).toEqual([200, label]);
  }
  expect((await api<SampleView>(`${path}/label`, { label: 'rotten' })).status).toBe(422);
  const history = (await api<LabelEntry[]>(`${path}/labels`)).body;
  expect(history.map(({ label }) => label)).toEqual(['good', null, 'bad']);
  expect((await api<SampleList>('/v1/samples?state=labelled')).body.counts).toEqual({
    labelled: 1,
    quarantined: 0,
    unlabelled: 1,
  });
  expect((await api('/v1/samples/999')).status).toBe(404);
});

it('takes the grade that the operator at the line gave, for every sample of that fruit', async () => {
  const label = { grade: 'bad', source: 'line-operator' };
  const byOperator = sample(20, [0.8, 0.1, 0.1], { reason: 'asked', label });
  await station.send('samples', byOperator);
  await eventually(() => acked.includes(20));
  const labelled = (await api<SampleList>('/v1/samples?state=labelled')).body.samples;
  expect(labelled.map(({ label, labelledBy }) => [label, labelledBy])).toEqual(
    [1, 2, 3].map(() => ['bad', 'line-operator']),
  );
  const [newest] = labelled;
  await api(`/v1/samples/${newest!.id}/label`, { label: 'ok' });
  // It comes again, and changes nothing.
  acked.length = 0;
  await station.send('samples', byOperator);
  await eventually(() => acked.includes(20));
  expect((await api<SampleView>(`/v1/samples/${newest!.id}`)).body.label).toBe('ok');
  const history = (await api<LabelEntry[]>(`/v1/samples/${newest!.id}/labels`)).body;
  expect(history.map(({ label }) => label)).toEqual(['bad', 'ok']);
});

it('puts a label that is no grade of the model into quarantine', async () => {
  const label = { grade: 'rotten', source: 'line-operator' };
  await station.send('samples', sample(21, [0.8, 0.1, 0.1], { label }));
  await eventually(() => acked.includes(21));
  expect((await api<SampleList>('/v1/samples')).body.samples.some(({ label }) => label === 'rotten')).toBe(
    false,
  );
});

it('counts fruit that passed while grading was paused as such, under no grade', async () => {
  const { fruits, ...message } = testGrades([30, 33]);
  const paused = fruits.map((fruit) => ({ ...fruit, outcome: 'unseen' as const, paused: true as const }));
  await station.send('grades', { ...message, fruits: paused });
  await eventually(() => acked.includes(33));
  const stored = (await api<StoredFruit[]>('/v1/fruits?station=left&limit=2')).body;
  expect(stored.map(({ seq, outcome }) => [seq, outcome])).toEqual([
    [33, 'paused'],
    [30, 'paused'],
  ]);
  const { stations } = (await api<Overview>('/v1/overview')).body;
  expect(stations.find((view) => view.station === 'left')?.grades).toContainEqual({
    grade: 'paused',
    count: 2,
  });
});

it('shows first what helps most, and says why', async () => {
  const fruit = { seq: 60, at: testGrades([1]).at, lane: 1, grade: 'ok', probabilities: [0.5, 0.48, 0.02] };
  await station.send('samples', sample(60, [], { fruit: { ...fruit, viewVotes: [1, 1, 0] } }));
  await eventually(() => acked.includes(60));
  const { samples } = (await api<SampleList>('/v1/samples?order=queue')).body;
  expect(samples[0]).toMatchObject({ fruit: { seq: 60 }, viewVotes: [1, 1, 0], label: null });
  expect(samples[0]!.queue!.why.slice(0, 2)).toEqual([
    'unsure between good and ok',
    'its views disagree: 1 look good, 1 look ok',
  ]);
  const refused = await api<Problem>('/v1/samples?order=queue&state=labelled');
  expect([refused.status, refused.body.code]).toEqual([400, 'bad-request']);
  await station.send('samples', sample(61, [], { fruit: { ...fruit, seq: 61, viewVotes: [2] } }));
  await eventually(() => acked.includes(61));
  expect((await api<SampleList>('/v1/samples')).body.samples.some(({ fruit }) => fruit?.seq === 61)).toBe(
    false,
  );
});

it('asks a second person, who does not know the first label, and a third where they differ', async () => {
  const as = async (name: string) => {
    const wish = { name, role: 'operator', validForDays: 1 };
    const { body } = await api<CreatedToken>('/v1/tokens', wish, auth(), 'POST');
    return { authorization: `Bearer ${body.token}` };
  };
  const [ann, ben, cleo] = [await as('ann'), await as('ben'), await as('cleo')];
  const seq = Array.from({ length: 1_000 }, (_, k) => 1_000 + k).find((each) =>
    isForSecond({ station: 'left', boot: testBoot, seq: each }),
  )!;
  const fruit = { seq, at: testGrades([1]).at, lane: 1, grade: 'ok', probabilities: [0.5, 0.3, 0.2] };
  await station.send('samples', sample(70, [], { fruit }));
  await eventually(() => acked.includes(70));
  const { id } = (await api<SampleList>('/v1/samples?limit=1')).body.samples[0]!;
  const put = async (what: string, label: string | null, who: { authorization: string }) => {
    const { status, body } = await api<SampleView & Problem>(`/v1/samples/${id}/${what}`, { label }, who);
    return status === 200 ? `${body.review} ${body.label}` : body.code;
  };
  const read = async (who: { authorization: string }) =>
    (await api<SampleView>(`/v1/samples/${id}`, undefined, who)).body;
  const wanted = async (who: { authorization: string }) =>
    (await api<SampleList>('/v1/samples?state=second', undefined, who)).body;

  expect(await put('opinion', 'ok', ben)).toBe('opinion-unwanted');
  expect(await put('label', 'good', ann)).toBe('wanted good');
  const late = await api<Problem>(`/v1/samples/${id}/label`, { label: 'bad', unlessLabelled: true }, ben);
  expect([late.status, late.body.code]).toEqual([409, 'sample-labelled']);
  expect((await wanted(ann)).reviews.second).toBe((await wanted(ann)).samples.length);
  expect((await wanted(ann)).samples.some((one) => one.id === id)).toBe(false);
  expect((await wanted(ben)).samples.find((one) => one.id === id)).toMatchObject({
    label: null,
    labelledBy: 'ann',
  });
  expect([(await read(ann)).label, (await read(ben)).label]).toEqual(['good', null]);
  const blind = (await api<LabelEntry[]>(`/v1/samples/${id}/labels`, undefined, ben)).body;
  expect(blind).toMatchObject([{ actor: 'ann', source: 'api', label: null, before: null, hidden: true }]);

  expect(await put('opinion', 'good', ann)).toBe('opinion-own');
  expect(await put('decision', 'good', cleo)).toBe('sample-undisputed');
  expect(await put('opinion', 'ok', ben)).toBe('disputed good');
  expect((await read(ben)).second).toEqual({ label: 'ok', by: 'ben' });
  expect(await put('label', 'ok', ann)).toBe('sample-disputed');
  expect(await put('decision', 'ok', ben)).toBe('opinion-own');
  expect(await put('decision', null, cleo)).toBe('unresolved good');
  expect(await put('decision', 'ok', cleo)).toBe('settled ok');
  expect(await put('opinion', 'good', ben)).toBe('opinion-unwanted');
  const history = (await api<LabelEntry[]>(`/v1/samples/${id}/labels`, undefined, ben)).body;
  expect(history.map(({ kind, actor, before, label }) => [kind, actor, before, label])).toEqual([
    ['label', 'ann', null, 'good'],
    ['second', 'ben', 'good', 'ok'],
    ['decision', 'cleo', 'good', null],
    ['decision', 'cleo', 'good', 'ok'],
  ]);
  const { overall, pairs } = (await api<LabelAgreement>('/v1/samples/agreement')).body;
  expect(overall).toMatchObject({ fruits: 1, agreed: 0, kappa: null, verdict: 'insufficient-data' });
  expect(pairs).toMatchObject([{ people: ['ann', 'ben'], fruits: 1 }]);
});
