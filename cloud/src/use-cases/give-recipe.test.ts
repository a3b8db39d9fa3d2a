import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultRecipe } from '@pomona/grading';
import { openTrustRepository, parseManifest } from '@pomona/release';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BlobFolder } from '../adapters/blob-folder.ts';
import { openDatabase, type PomonaDatabase } from '../adapters/sql/open-database.ts';
import { openStores } from '../adapters/sql/open-stores.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { golden, summary } from '../testing/sample-training.ts';
import { buildRelease } from './build-release.ts';
import { type GiveRecipePorts, giveRecipe } from './give-recipe.ts';

const by = { actor: 'ada', reason: 'a new buyer' };
const first = { name: 'apples', version: 1 };
let folder: string;
let db: PomonaDatabase;
let ports: GiveRecipePorts;
let labels: readonly string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pomona-give-recipe-'));
  db = await openDatabase(folder);
  const { models, project } = openStores(db);
  const clock = new ManualClock();
  const blobs = new BlobFolder(folder);
  const trust = await openTrustRepository({
    ...{ folder: join(folder, 'trust'), keysFolder: join(folder, 'keys'), clock },
  });
  ports = { models, project, blobs, clock, openTrust: async () => trust };
  const files = summary.variants.map(({ file }): [string, Uint8Array] => [file, Buffer.alloc(1_000, 3)]);
  const artifacts = { summary, golden, goldenPixels: Buffer.alloc(192, 9), models: new Map(files) };
  const built = await buildRelease({ trust, blobs, clock }, { ...first, artifacts, codeRevision: 'abc' });
  await models.save({ ...built.model, network: 'sequential' });
  labels = built.model.labels;
});
afterAll(async () => {
  await db.destroy();
  await rm(folder, { recursive: true });
});

const spotted = (version: number) => ({
  ...{ ...defaultRecipe(labels, version), v: 2, name: 'spotted' },
  rules: [{ name: 'spots', when: { figure: 'defectShare', above: 0.02 }, noBetterThan: labels.at(-1) }],
});

it('makes a version of the same files, network and figures, with the recipe signed into its manifest', async () => {
  const before = (await ports.models.find('apples', 1))!;
  const model = await giveRecipe(ports, first, spotted(1), by);
  expect(model).toMatchObject({
    version: 2,
    parent: first,
    recipe: spotted(1),
    evaluation: before.evaluation,
  });
  expect(model.gates!.length).toBeGreaterThan(3);
  const manifest = async ({ digest }: { readonly digest: string }) =>
    parseManifest(await ports.blobs.read(digest));
  const [old, next] = [await manifest(before), await manifest(model)];
  expect(next.files).toEqual(old.files);
  expect(next).toMatchObject({ version: 2, parent: first, recipe: spotted(1), labels: old.labels });
  const trust = await ports.openTrust();
  expect(await trust.newestVersion('apples')).toBe(2);
  expect(await ports.models.find('apples', 2)).toEqual(model);
  expect((await openStores(db).models.log('apples'))[0]).toMatchObject({ ...by, action: 'recipe for 2' });
});

it.each([
  ['viewsMin', { viewsMin: 0 }],
  ['defaultGrade', { defaultGrade: 'purple' }],
  ['version: 1 is not above 1', { viewsMin: 9 }],
])('refuses what is wrong with %s, and makes no version', async (said, change) => {
  const refused = giveRecipe(ports, { name: 'apples', version: 2 }, { ...spotted(1), ...change }, by);
  await expect(refused).rejects.toMatchObject({
    ...{ code: 'recipe-invalid', message: expect.stringContaining(said) },
  });
  expect(await ports.models.nextVersion('apples')).toBe(3);
});

it('refuses a version that is not there, and one whose manifest is lost', async () => {
  await expect(giveRecipe(ports, { ...first, version: 9 }, spotted(1), by)).rejects.toMatchObject({
    code: 'model-unknown',
  });
  const { digest } = (await ports.models.find('apples', 2))!;
  await rm(join(folder, 'blobs', digest));
  await expect(giveRecipe(ports, { name: 'apples', version: 2 }, spotted(2), by)).rejects.toMatchObject({
    code: 'model-unreadable',
  });
});
