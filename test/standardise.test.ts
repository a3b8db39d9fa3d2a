/** Colours that a dataset asks for, from photographs to the release and what a person tries: always made by the same code. */
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { drawSpottedPhotograph, startTestControlPlane } from '@pomona/cloud/testing';
import { parseManifest } from '@pomona/release';
import type { DatasetView, ModelView, Prediction, WorstCase } from '@pomona/wire';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const data = temporaryFolder();
const size = 32;
const cropBytes = size * size * 3;
const standardise = { whiteBalance: 'grey-surroundings', contrast: 'equalised' };
/** What a lamp does to red, green and blue. */
const lamps = { white: [1, 1, 1], warm: [1.09, 0.98, 0.8] };
const folderOf = (lamp: string) => join(data, 'photographs', lamp);
const photographOf = (lamp: keyof typeof lamps, grade: string, i: number) => {
  const skin = grade === 'bad' ? { skin: '#5a4020' } : {};
  return drawSpottedPhotograph(grade === 'bad' ? 20 + i : i, skin).linear(lamps[lamp], [0, 0, 0]);
};

async function pomona<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runCli([...args, '--data', data, '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as T;
}

const imported = (lamp: string, ...how: string[]) =>
  pomona<DatasetView>(
    ...['dataset', 'import', folderOf(lamp), '--name', `${lamp}${how.join('')}`, '--grades', 'good', 'bad'],
    ...['--size', String(size), ...how],
  );

const folderIn = ({ name, digest }: DatasetView) => join(data, 'datasets', name, digest);
const cropsOf = (dataset: DatasetView) => readFileSync(join(folderIn(dataset), 'crops.u8'));

function apart(a: Uint8Array, b: Uint8Array): number {
  const lit = [...a.keys()].filter((i) => a[i]! > 0 && b[i]! > 0);
  return lit.reduce((sum, i) => sum + Math.abs(a[i]! - b[i]!), 0) / lit.length;
}

beforeAll(async () => {
  for (const lamp of ['white', 'warm'] as const)
    for (const grade of ['good', 'bad']) {
      await mkdir(join(folderOf(lamp), grade), { recursive: true });
      for (let i = 0; i < 8; i++)
        await photographOf(lamp, grade, i)
          .png()
          .toFile(join(folderOf(lamp), grade, `${i}.png`));
    }
}, 60_000);

describe('colours that a dataset asks for', () => {
  let white: DatasetView;
  it('make photographs under warm light the same as those under white light', async () => {
    const [plain, plainWarm] = [await imported('white'), await imported('warm')];
    white = await imported('white', '--white-balance', '--equalise');
    const warm = await imported('warm', '--white-balance', '--equalise');
    expect(plain.standardise).toBeUndefined();
    expect(white.standardise).toEqual(standardise);
    expect(white.digest).not.toBe(plain.digest);
    expect([plainWarm.images, warm.images]).toEqual([plain.images, plain.images]);
    const before = apart(cropsOf(plainWarm), cropsOf(plain));
    expect(before).toBeGreaterThan(8);
    // Contrast that is raised raises what rounding has left of it, too.
    expect(apart(cropsOf(warm), cropsOf(white))).toBeLessThan(before / 3);
    const diff = await pomona<object>('dataset', 'diff', plain.name, white.name);
    expect(diff).toMatchObject({ standardise: { from: null, to: standardise } });
  }, 120_000);

  it('go with the model: into its release, into what is evaluated, and into what a person tries', async () => {
    const { digest, ...model } = await pomona<ModelView>(
      ...['train', '--dataset', white.name, '--network', 'sequential', '--epochs', '1'],
    );
    expect(model.standardise).toEqual(standardise);
    const manifest = parseManifest(readFileSync(join(data, 'blobs', digest)));
    expect(manifest).toMatchObject({ input: { standardise }, runtime: { standardise: { opset: 1 } } });
    // Its golden views are crops of the dataset, and both variants were held against them.
    const { files, golden, variants } = manifest;
    expect(variants.map(({ name }) => name)).toEqual(['fp32', 'int8']);
    const pixels = readFileSync(join(data, 'blobs', files.find(({ name }) => name === golden.file)!.digest));
    const crops = cropsOf(white);
    for (let at = 0; at < pixels.length; at += cropBytes)
      expect(crops.includes(pixels.subarray(at, at + cropBytes))).toBe(true);

    const judged = await runCli([
      'evaluate',
      'apples',
      '--dataset',
      'white',
      '--split',
      'all',
      '--data',
      data,
    ]);
    expect(judged.code).not.toBe(0);
    expect(judged.stderr).toMatch(/those of white are as the camera gives them.*--white-balance/s);

    const running = await startTestControlPlane({ dataFolder: data });
    try {
      const { urls, localToken } = running.plane;
      const call = async <T>(path: string, body?: Buffer): Promise<T> => {
        const headers = { 'content-type': 'image/png', authorization: `Bearer ${localToken}` };
        const sent = body === undefined ? {} : { method: 'POST', body: new Uint8Array(body) };
        const response = await fetch(urls.console + path, { headers, ...sent });
        expect(response.status).toBe(200);
        return (await response.json()) as T;
      };
      const { images } = JSON.parse(readFileSync(join(folderIn(white), 'dataset.json'), 'utf8'));
      const worst = await call<WorstCase[]>('/v1/models/apples/versions/1/worst');
      // One epoch of a few photographs is not enough to be right.
      expect(worst.length).toBeGreaterThan(0);
      for (const { digest: crop, cropPng } of worst) {
        const { source } = images.find((image: { digest: string }) => image.digest === crop);
        const photograph = readFileSync(join(folderOf('white'), source));
        const { seen } = await call<Prediction>('/v1/predict', photograph);
        expect(seen.cropPng).toBe(cropPng);
      }
    } finally {
      await running.remove();
    }
  }, 180_000);
});
