import { readFileSync } from 'node:fs';
import { exampleRecipe, exampleRecipeNames } from '@pomona/catalog';
import { adviceOn, checkRecipe, defaultRecipe, parseRecipe } from '@pomona/grading';
import type { ModelView, Problem, Recipe, RecipeDryRun } from '@pomona/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, startTestControlPlane, type TestControlPlane } from '../testing/test-control-plane.ts';
import { enrolTestStation, TestStation, testGrades } from '../testing/test-station.ts';

const labels = ['good', 'ok', 'bad'];
const model = { name: 'sequential', version: 1, digest: 'a'.repeat(64), labels, parameters: {} };
let test: TestControlPlane;
let station: TestStation;

beforeAll(async () => {
  test = await startTestControlPlane();
  await test.plane.stores.models.save({ ...model, createdAt: new Date(0).toISOString() } as ModelView);
  station = await TestStation.connect(test.plane, await enrolTestStation(test.plane, 'left'));
  await enrolTestStation(test.plane, 'right');
  const seqs = Array.from({ length: 30 }, (_, i) => i);
  const { fruits, ...grades } = testGrades(seqs);
  // Every third was measured, with more defects from one to the next.
  await station.send('grades', {
    ...grades,
    fruits: fruits.map((fruit) =>
      fruit.seq % 3 === 0 ? { ...fruit, measures: { defectShare: fruit.seq / 1_000 } } : fruit,
    ),
  });
  await eventually(async () => (await test.plane.stores.fruits.list({ limit: 50 })).length === 30);
});
afterAll(async () => {
  await station.end();
  await test.remove();
});

async function dryRun<T = RecipeDryRun>(change: object = {}, recipe: object = spotted): Promise<T> {
  const { plane } = test;
  const response = await fetch(new URL('/v1/recipes/dry-run', plane.urls.console), {
    method: 'POST',
    headers: { authorization: `Bearer ${plane.localToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipe, model: 'sequential', ...change }),
  });
  return (await response.json()) as T;
}
const spotted: Recipe = {
  ...defaultRecipe(labels, 5),
  ...{ v: 2, name: 'spotted', ceilings: [] },
  rules: [{ name: 'spots', when: { figure: 'defectShare', above: 0.02 }, noBetterThan: 'bad' }],
};

it('hands out the examples, each limit of a standard with its source', async () => {
  const { plane } = test;
  const response = await fetch(new URL('/v1/recipes/examples', plane.urls.console), {
    headers: { authorization: `Bearer ${plane.localToken}` },
  });
  const examples = (await response.json()) as Recipe[];
  expect(examples.map(({ name }) => name)).toEqual([...exampleRecipeNames]);
  for (const { rules = [] } of examples.filter(({ name }) => name !== 'good-ok-bad'))
    expect(rules.filter(({ source }) => source === undefined)).toEqual([]);
});

it('says by which recipe a station is to grade, and that one was told nothing', async () => {
  const { plane } = test;
  const ask = async (name: string) => {
    const response = await fetch(new URL(`/v1/stations/${name}/recipe`, plane.urls.console), {
      headers: { authorization: `Bearer ${plane.localToken}` },
    });
    return { status: response.status, body: (await response.json()) as Recipe & Problem };
  };
  expect(await ask('right')).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(await ask('nowhere')).toMatchObject({ status: 404, body: { code: 'station-unknown' } });
  const recipe = { ...defaultRecipe(labels, 7), v: 2, name: 'house' };
  const put = await fetch(new URL('/v1/stations/right/desired', plane.urls.console), {
    method: 'PUT',
    headers: { authorization: `Bearer ${plane.localToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ release: null, recipe }),
  });
  expect(put.ok, await put.text()).toBe(true);
  expect(await ask('right')).toEqual({ status: 200, body: recipe });
  const { stations } = await plane.overview();
  expect(stations.find(({ station: name }) => name === 'right')?.desired?.recipe).toEqual({
    ...{ name: 'house', version: 7 },
  });
});

it('runs a recipe over what stations sent, and says how much of it lacks a figure', async () => {
  const found = await dryRun();
  expect(found).toMatchObject({
    ...{ recipe: { name: 'spotted', version: 5 }, model: 'sequential', isCut: false },
    ...{ fruits: 30, judged: 10, unmeasured: { fruits: 20 } },
    ...{ grades: labels, labels },
    confusion: [
      { before: 'good', after: 'good', fruits: 7 },
      { before: 'good', after: 'bad', fruits: 3 },
    ],
    stations: [{ station: 'left', judged: 10, changed: 3, unmeasured: 20 }],
  });
  expect(found.changedShare).toBeCloseTo(0.3, 9);
  expect(await dryRun({ station: 'right' })).toMatchObject({ fruits: 0, changedShare: null });
  expect(
    await dryRun({ model: 'sequential@1', until: found.since, since: '2020-01-01T00:00:00.000Z' }),
  ).toMatchObject({
    ...{ fruits: 0, model: 'sequential@1' },
  });
  expect(await dryRun({ fruitsMax: 7 })).toMatchObject({ fruits: 7, isCut: true });
  expect(await dryRun({ fruitsMax: 30 })).toMatchObject({ fruits: 30, isCut: false });
});

it.each([
  [{ station: 'nobody' }, spotted, 'station-unknown', 'nobody'],
  [{ model: 'pears' }, spotted, 'model-unknown', 'pears'],
  [
    { since: '2026-01-02T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' },
    spotted,
    'bad-request',
    'nothing lies',
  ],
  [
    {},
    { ...spotted, viewsMin: 'two' },
    'recipe-invalid',
    'recipe viewsMin: expected a whole number, and it is "two"',
  ],
  [{}, { ...spotted, defaultGrade: 'rotten' }, 'recipe-invalid', 'recipe defaultGrade: "rotten"'],
])('refuses %j with what is wrong', async (change, recipe, code, message) => {
  const problem = await dryRun<Problem>(change, recipe);
  expect(problem).toMatchObject({ code, message: expect.stringContaining(message) });
});

it.each(exampleRecipeNames)('the example %s is a recipe whose rules all name their source', (name) => {
  const recipe = parseRecipe(JSON.parse(readFileSync(exampleRecipe(name), 'utf8')));
  checkRecipe(recipe, labels);
  expect(recipe.name).toBe(name);
  expect(adviceOn(recipe, labels)).toEqual([]);
  expect(recipe.rules!.filter(({ source }) => source === undefined)).toEqual([]);
  expect(recipe.notSeen!.length).toBeGreaterThan(1);
});
