import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRecipe, worstHalf } from '@pomona/grading';
import { generateSigningKey, signDesired } from '@pomona/release';
import type { ModelView, Recipe } from '@pomona/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepChosenRecipes } from '../adapters/sql/migrations/chosen-recipes.ts';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores } from '../adapters/sql/open-stores.ts';
import { databases } from '../testing/databases.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { MemoryLink } from '../testing/memory-link.ts';
import { RecordingLogger } from '../testing/recording-logger.ts';
import { type DesiredPorts, publishAllDesired, setDesired } from './set-desired.ts';

const labels = ['good', 'ok', 'bad'];
const models = new Map([
  [1, labels],
  [2, ['fine', 'poor']],
  [3, labels],
  [4, labels],
  [5, labels],
]);
/** It learnt from single pictures. */
const ofPictures = 5;
/** What version 3 brings. */
const brought: Recipe = { ...defaultRecipe(labels, 20), v: 2, name: 'brought', viewsMin: 4 };

describe.each(databases)('on $name', (database) => {
  let folder: string;
  let db: PomonaDatabase;
  let link: MemoryLink;
  let ports: DesiredPorts;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pomona-desired-'));
    db = await openDatabase(folder, { ...(await database.options()), busyTimeoutMs: 5_000 });
    const stores = openStores(db);
    await stores.stations.ensure({ site: 'orchard', line: 'one', station: 'left' }, 0);
    link = new MemoryLink();
    const key = generateSigningKey();
    ports = {
      ...stores,
      models: {
        async find(name, version = 1) {
          const known = models.get(version);
          const recipe = version === 3 ? { recipe: brought } : {};
          const digest = String(version).repeat(64);
          const parameters = { views: version === ofPictures ? 1 : 4 };
          const learnt = { network: 'compact', parameters };
          return (
            known && ({ name, version, digest, labels: known, ...learnt, ...recipe } as unknown as ModelView)
          );
        },
      },
      isWaiting: async ({ name }) => name === 'pears',
      signer: { sign: (desired) => signDesired(desired, key) },
      link,
      clock: new ManualClock(),
      logger: new RecordingLogger(),
    };
  });
  afterEach(async () => {
    await db.destroy();
    rmSync(folder, { recursive: true });
  });

  const release = (version: number) => ({ release: { name: 'apples', version } });

  it('refuses a release that no station would find on the signed list yet', async () => {
    await expect(setDesired(ports, 'left', { release: { name: 'pears', version: 1 } })).rejects.toMatchObject(
      { code: 'release-waiting' },
    );
  });

  it('keeps the recipe from one release to the next while it fits the labels', async () => {
    const recipe = { ...defaultRecipe(labels, 7), viewsMin: 5 };
    await setDesired(ports, 'left', { ...release(1), recipe });
    expect((await setDesired(ports, 'left', release(1))).recipe).toEqual(recipe);
    const other = await setDesired(ports, 'left', release(2));
    expect(other.recipe).toEqual(defaultRecipe(['fine', 'poor'], 8));
    expect(other.counter).toBe(3);
    expect(link.desired).toHaveLength(3);
  });

  it('takes the recipe that a release brings, and the station’s own again where the next one brings none', async () => {
    const own = { ...defaultRecipe(labels, 7), viewsMin: 5 };
    await setDesired(ports, 'left', { ...release(1), recipe: own });
    expect((await setDesired(ports, 'left', release(3))).recipe).toEqual(brought);
    expect((await setDesired(ports, 'left', { ...release(3), retry: true })).recipe).toEqual(brought);
    expect((await setDesired(ports, 'left', release(4))).recipe).toEqual(own);
    // Who asks for another one at the line has it until another release brings one.
    await setDesired(ports, 'left', release(3));
    const asked = { ...brought, version: 21 };
    expect((await setDesired(ports, 'left', { ...release(3), recipe: asked })).recipe).toEqual(asked);
    expect((await setDesired(ports, 'left', { ...release(3), retry: true })).recipe).toEqual(asked);
    expect((await setDesired(ports, 'left', release(4))).recipe).toEqual(asked);
    expect((await setDesired(ports, 'left', release(3))).recipe).toEqual(brought);
  });

  it('gives a station that had no recipe the default one when it leaves a release that brought one', async () => {
    expect((await setDesired(ports, 'left', release(3))).recipe).toEqual(brought);
    expect((await setDesired(ports, 'left', release(4))).recipe).toEqual(defaultRecipe(labels, 21));
  });

  it('has the worst half of the views decide where a model learnt from single pictures, and all of them again for another', async () => {
    expect((await setDesired(ports, 'left', release(1))).recipe).toEqual(defaultRecipe(labels, 1));
    const byHalf = defaultRecipe(labels, 2, worstHalf);
    expect((await setDesired(ports, 'left', release(ofPictures))).recipe).toEqual(byHalf);
    expect((await setDesired(ports, 'left', { release: null })).recipe).toEqual(byHalf);
    expect((await setDesired(ports, 'left', release(ofPictures))).recipe).toEqual(byHalf);
    expect((await setDesired(ports, 'left', release(4))).recipe).toEqual(defaultRecipe(labels, 3));
  });

  it('leaves a recipe that somebody chose as it is, whatever the model learnt from', async () => {
    const recipe = { ...defaultRecipe(labels, 7), viewsMin: 5 };
    await setDesired(ports, 'left', { ...release(1), recipe });
    expect((await setDesired(ports, 'left', release(ofPictures))).recipe).toEqual(recipe);
    // Also one that says what a default says, as the docs advise it for older agents and for single pictures.
    for (const fusion of [undefined, worstHalf])
      for (const version of [ofPictures, 4, ofPictures]) {
        const chosen = defaultRecipe(labels, 8, fusion);
        await setDesired(ports, 'left', { ...release(1), recipe: chosen });
        await setDesired(ports, 'left', release(3));
        expect((await setDesired(ports, 'left', release(version))).recipe).toEqual(chosen);
        expect((await setDesired(ports, 'left', release(1))).recipe).toEqual(chosen);
      }
  });

  it('brings back a chosen recipe with the labels that it was made for', async () => {
    const recipe = { ...defaultRecipe(labels, 7), viewsMin: 5 };
    await setDesired(ports, 'left', { ...release(1), recipe });
    await setDesired(ports, 'left', release(2));
    expect((await setDesired(ports, 'left', release(1))).recipe).toEqual(recipe);
  });

  it('takes what a station of an older database grades by for chosen, unless it is a default', async () => {
    const chosen = { ...defaultRecipe(labels, 7), viewsMin: 5 };
    const ownOf = async () =>
      (await db.selectFrom('desired').select('own_recipe').executeTakeFirstOrThrow()).own_recipe;
    await setDesired(ports, 'left', { ...release(1), recipe: chosen });
    await db.updateTable('desired').set({ own_recipe: null }).execute();
    await keepChosenRecipes(db);
    expect(JSON.parse((await ownOf())!)).toEqual(chosen);
    // Its release brought another.
    await setDesired(ports, 'left', release(3));
    await keepChosenRecipes(db);
    expect(JSON.parse((await ownOf())!)).toEqual(chosen);
    for (const fusion of [undefined, worstHalf]) {
      await setDesired(ports, 'left', { ...release(1), recipe: defaultRecipe(labels, 9, fusion) });
      await keepChosenRecipes(db);
      expect(await ownOf()).toBeNull();
    }
  });

  it('refuses a recipe that does not fit the labels, and leaves the counter as it was', async () => {
    const recipe = defaultRecipe(['fine', 'poor']);
    await expect(setDesired(ports, 'left', { ...release(1), recipe })).rejects.toMatchObject({
      code: 'recipe-invalid',
    });
    expect((await setDesired(ports, 'left', release(1))).counter).toBe(1);
  });

  it('says once that the station is to try again', async () => {
    expect(await setDesired(ports, 'left', { ...release(1), retry: true })).toMatchObject({ retry: true });
    expect(await setDesired(ports, 'left', release(1))).not.toHaveProperty('retry');
  });

  it('stores what the broker could not take, and publishes it at the next connection', async () => {
    link.isAway = true;
    await setDesired(ports, 'left', release(1));
    expect(link.desired).toEqual([]);
    link.isAway = false;
    await publishAllDesired(ports);
    expect(link.desired).toMatchObject([{ station: 'left' }]);
  });

  it('gives every one of many calls at once a counter of its own', async () => {
    const all = await Promise.all(Array.from({ length: 10 }, () => setDesired(ports, 'left', release(1))));
    expect(all.map(({ counter }) => counter).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });
});
