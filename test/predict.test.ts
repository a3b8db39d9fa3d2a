/** A photograph's grade, over REST, from the command line and on the page "Try it". */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  cropsSaid,
  DatasetEmbeddings,
  drawPhotograph,
  startTestControlPlane,
  type TestControlPlane,
} from '@pomona/cloud/testing';
import { skinOfCells, skinShares } from '@pomona/grading';
import type { FeaturePage, Prediction, Problem, WorstCase } from '@pomona/wire';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { runCli } from './support/cli.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const data = temporaryFolder();
const photograph = join(data, 'apple.jpg');
const executablePath = findChromium();
let running: TestControlPlane;

beforeAll(async () => {
  for (const args of [
    ['dataset', 'draw', '--name', 'few', '--fruits', '30'],
    ['dataset', 'draw', '--name', 'levelled', '--fruits', '20', '--equalise'],
    ['train', '--dataset', 'few', '--epochs', '1'],
  ]) {
    const { code, stderr } = await runCli([...args, '--data', data]);
    if (code !== 0) throw new Error(stderr);
  }
  await drawPhotograph(3, '#b02a30', 320).jpeg().toFile(photograph);
  running = await startTestControlPlane({ dataFolder: data });
}, 120_000);
afterAll(() => running?.remove());

async function post(
  body: Buffer | string,
  type: string,
  query = '',
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${running.plane.urls.console}/v1/predict${query}`, {
    method: 'POST',
    headers: { 'content-type': type, authorization: `Bearer ${running.plane.localToken}` },
    body,
  });
  return { status: response.status, answer: await response.json() };
}

const heic = Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1');
/** The table beside the fruit. */
const empty = () => drawPhotograph(1, '#b02a30', 320).extract({ left: 0, top: 0, width: 40, height: 40 });
const jpeg = () => drawPhotograph(5, '#b02a30', 320).jpeg().toBuffer();

describe('POST /v1/predict', () => {
  it('gives the grade, the probabilities and what the model was shown', async () => {
    const { status, answer } = await post(await jpeg(), 'image/jpeg');
    expect(status, JSON.stringify(answer)).toBe(200);
    const { grade, probabilities, model, seen } = answer as Prediction;
    expect(probabilities.map(({ label }) => label)).toEqual(['good', 'ok', 'bad']);
    expect(probabilities.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
    expect(['good', 'ok', 'bad']).toContain(grade);
    expect(model).toMatchObject({ name: 'apples', version: 1 });
    expect(Buffer.from(seen.cropPng, 'base64').subarray(1, 4).toString()).toBe('PNG');
    // The fruit is drawn near the middle, a quarter of the side in radius.
    const xs = seen.outline.map(([x]) => x);
    expect(Math.max(...xs) - Math.min(...xs)).toBeGreaterThan(0.35);
    expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(0.7);
  });

  it('says where that comes from, and it adds up to the probabilities', async () => {
    const { probabilities, explanation, seen } = (await post(await jpeg(), 'image/jpeg'))
      .answer as Prediction;
    const { rows, columns, byLabel } = explanation!;
    expect(byLabel.map(({ evidence }) => evidence.length)).toEqual([1, 1, 1].map(() => rows * columns));
    const odds = byLabel.map(({ evidence, elsewhere }) =>
      Math.exp(evidence.reduce((sum, cell) => sum + cell, elsewhere)),
    );
    const total = odds.reduce((sum, each) => sum + each, 0);
    odds.forEach((each, at) => {
      expect(each / total).toBeCloseTo(probabilities[at]!.probability, 2);
    });
    const { left, top, width, height } = seen.cropPlace;
    const [xs, ys] = [seen.outline.map(([x]) => x), seen.outline.map(([, y]) => y)];
    expect(left).toBeLessThan(Math.min(...xs));
    expect(top).toBeLessThan(Math.min(...ys));
    expect(left + width).toBeGreaterThan(Math.max(...xs));
    expect(top + height).toBeGreaterThan(Math.max(...ys));
  });

  it('shows the worst cases of the evaluation', async () => {
    const response = await fetch(`${running.plane.urls.console}/v1/models/apples/versions/1/worst`, {
      headers: { authorization: `Bearer ${running.plane.localToken}` },
    });
    const worst = (await response.json()) as WorstCase[];
    // One epoch of thirty fruits is not enough to be right.
    expect(worst.length).toBeGreaterThan(0);
    for (const { cropPng, explanation, graded, truth } of worst) {
      expect(Buffer.from(cropPng!, 'base64').subarray(1, 4).toString()).toBe('PNG');
      expect(explanation?.byLabel.map(({ label }) => label)).toEqual(['good', 'ok', 'bad']);
      expect(graded).not.toBe(truth);
    }
    const card = await fetch(`${running.plane.urls.console}/v1/models/apples/versions/1/card`, {
      headers: { authorization: `Bearer ${running.plane.localToken}` },
    });
    expect((await card.text()).match(/<img /g)).toHaveLength(2 * Math.min(worst.length, 8));
  });

  it('gives the same for the same photograph, and for its PNG nearly', async () => {
    const first = (await post(await jpeg(), 'image/jpeg')).answer as Prediction;
    const again = (await post(await jpeg(), 'image/jpeg')).answer as Prediction;
    expect(again.probabilities).toEqual(first.probabilities);
    const png = await drawPhotograph(5, '#b02a30', 320).png().toBuffer();
    expect(((await post(png, 'image/png')).answer as Prediction).grade).toBe(first.grade);
  });

  it.each([
    ['text that says it is a JPEG', () => Buffer.from('no'), 'image/jpeg', 415, 'photograph-format'],
    [
      'a picture cut short',
      async () => (await jpeg()).subarray(0, 2_000),
      'image/jpeg',
      422,
      'photograph-damaged',
    ],
    ['a HEIC image', () => heic, 'image/heic', 415, 'photograph-format'],
    [
      'a file of no known type',
      () => Buffer.from('%PDF-1.7'),
      'application/octet-stream',
      415,
      'photograph-format',
    ],
    ['nothing', () => Buffer.alloc(0), 'image/png', 422, 'photograph-damaged'],
    [
      'a picture of 8 pixels',
      () => drawPhotograph(1, '#b02a30', 8).png().toBuffer(),
      'image/png',
      422,
      'photograph-size',
    ],
    ['a picture of nothing', () => empty().png().toBuffer(), 'image/png', 422, 'no-fruit'],
    ['JSON', () => '{}', 'application/json', 400, 'bad-request'],
    ['more than 16 MB', () => Buffer.alloc(17 * 2 ** 20, 255), 'image/jpeg', 413, 'body-too-large'],
  ])('refuses %s and says why', async (_name, body, type, status, code) => {
    const { status: got, answer } = await post(await body(), type);
    expect({ got, code: (answer as Problem).code }).toEqual({ got: status, code });
    expect((answer as Problem).hint).not.toBe('');
  });

  it('names a picture that was cut off, and gives no advice on what to photograph', async () => {
    const { answer } = await post((await jpeg()).subarray(0, 2_000), 'image/jpeg');
    expect(answer).toMatchObject({
      message: 'the photograph cannot be read: it is cut off: the file ends before the picture does',
      hint: expect.stringMatching(/^Copy or send the file again/),
    });
    const { answer: text } = await post(Buffer.from('no'), 'image/jpeg');
    expect((text as Problem).hint).toMatch(/as JPEG, PNG, WebP, TIFF or AVIF/);
  });

  it('names a model that is not there', async () => {
    const { status, answer } = await post(await jpeg(), 'image/jpeg', '?model=pears@2');
    expect({ status, code: (answer as Problem).code }).toEqual({ status: 404, code: 'model-unknown' });
  });

  it('takes an alias for a version', async () => {
    await running.plane.stores.models.setAlias({
      name: 'apples',
      alias: 'trial',
      version: 1,
      actor: 'test',
      reason: 'to try',
      detail: '',
      atMs: 1,
    });
    const { status, answer } = await post(await jpeg(), 'image/jpeg', '?model=apples@trial');
    expect({ status, model: (answer as Prediction).model }).toMatchObject({
      status: 200,
      model: { version: 1 },
    });
    const unset = await post(await jpeg(), 'image/jpeg', '?model=apples@champion');
    expect({ status: unset.status, code: (unset.answer as Problem).code }).toEqual({
      status: 404,
      code: 'model-unknown',
    });
  });

  it('answers many at once, each its own', async () => {
    const skins = ['#b02a30', '#7fa030', '#3a2a1a', '#d8c040'];
    const alone = [];
    for (const skin of skins) {
      const body = await drawPhotograph(5, skin, 320).jpeg().toBuffer();
      alone.push(((await post(body, 'image/jpeg')).answer as Prediction).probabilities);
    }
    const together = await Promise.all(
      skins.map(async (skin) => {
        const body = await drawPhotograph(5, skin, 320).jpeg().toBuffer();
        return ((await post(body, 'image/jpeg')).answer as Prediction).probabilities;
      }),
    );
    expect(together).toEqual(alone);
  });
});

describe('what a network sees in a dataset’s pictures', () => {
  const networkOf = (model: { readonly digest: string }) => {
    const manifest = JSON.parse(readFileSync(join(data, 'blobs', model.digest), 'utf8'));
    const [variant] = manifest.variants;
    const file = manifest.files.find(({ name }: { name: string }) => name === variant.file);
    return { path: join(data, 'blobs', file.digest), inputSize: manifest.input.size as number };
  };
  const get = (query: string) =>
    fetch(`${running.plane.urls.console}/v1/features?${query}`, {
      headers: { authorization: `Bearer ${running.plane.localToken}` },
    });

  it('is a set of the named model version, computed once, the same over REST and from the command line', async () => {
    const answer = await get('set=embedding&dataset=few&model=apples@1&limit=500');
    const page = (await answer.json()) as FeaturePage;
    expect(answer.status, JSON.stringify(page)).toBe(200);
    const model = await running.plane.stores.models.resolve('apples@1');
    expect(page.set).toBe(`embedding@${model.digest.slice(0, 12)}`);
    const columns = Object.keys(page.rows[0]!).filter((name) => /^e\d+$/.test(name));
    expect(columns).toHaveLength(64);
    expect(page.rows[0]).toMatchObject({ model: 'apples@1', modelDigest: model.digest });
    const views = (await (await get('set=view&dataset=few&limit=500')).json()) as FeaturePage;
    expect(page.rows.map(({ digest, split }) => [digest, split])).toEqual(
      views.rows.map(({ digest, split }) => [digest, split]),
    );
    // Each picture its own: as many different rows as different pictures.
    const rows = new Set(page.rows.map((row) => columns.map((name) => row[name]).join()));
    expect(rows.size).toBe(new Set(page.rows.map(({ digest }) => digest)).size);

    const byDigest = (await (await get(`set=${page.set}&dataset=few&limit=500`)).json()) as FeaturePage;
    expect(byDigest).toEqual(page);
    const out = join(data, 'embedding.csv');
    const asked = ['features', 'export', '--set', 'embedding', '--dataset', 'few', '--model', 'apples'];
    const { code, stdout, stderr } = await runCli([...asked, '--out', out, '--data', data, '--json']);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ file: out, set: page.set, rows: page.rows.length });
    const [, first] = readFileSync(out, 'utf8').split('\n');
    expect(first!.split(',').slice(-64).map(Number)).toEqual(columns.map((name) => page.rows[0]![name]));
  });

  it('has the areas that a line would measure by the map of each picture, and none of a network that draws no map', async () => {
    const model = await running.plane.stores.models.resolve('apples@1');
    const { digest } = (await running.plane.stores.datasets.find('few', ''))!;
    const folder = join(data, 'datasets', 'few', digest);
    const { path: network, inputSize } = networkOf(model);
    const crops = readFileSync(join(folder, 'crops.u8'));
    const bytes = inputSize ** 2 * 3;
    const each = Array.from({ length: crops.length / bytes }, (_, i) =>
      crops.subarray(i * bytes, (i + 1) * bytes),
    );
    const maps = (await cropsSaid(network, each, inputSize)).map(({ map }) => map!);
    const skin = skinOfCells(Math.sqrt(maps[0]!.length / 2));
    const page = (await (
      await get('set=embedding&dataset=few&model=apples@1&limit=500')
    ).json()) as FeaturePage;
    expect(page.rows).toHaveLength(maps.length);
    page.rows.forEach(({ defectShare, rotShare }, i) => {
      const shares = skinShares(maps[i]!, 0, skin);
      expect(defectShare).toBeCloseTo(shares[0]!, 5);
      expect(rotShare).toBeCloseTo(shares[1]!, 5);
    });
    // More than 64, which go through the network together, and each its own.
    expect(new Set(page.rows.slice(64).map(({ defectShare }) => defectShare)).size).toBeGreaterThan(10);

    const kept = join(folder, `features-embedding@${model.digest}.figures`);
    const whole = readFileSync(kept);
    const onnx = readFileSync(network);
    rmSync(kept);
    // The same network, whose map nobody knows by its name: a string of a protobuf message stands behind its length.
    writeFileSync(network, onnx.toString('latin1').replaceAll('\x06defect', '\x06hidden'), 'latin1');
    const mapless = (await (
      await get('set=embedding&dataset=few&model=apples@1&limit=500')
    ).json()) as FeaturePage;
    writeFileSync(network, onnx);
    expect(mapless.rows).toEqual(
      page.rows.map(({ defectShare: _, rotShare: __, ...embedding }) => embedding),
    );
    // What says of itself that it is of another form is not what is asked for, whoever kept it.
    const header = whole.indexOf('\n');
    const names = whole.subarray(0, header).toString().replace('rotShare', 'scabArea');
    writeFileSync(kept, Buffer.concat([Buffer.from(names), whole.subarray(header)]));
    expect(await (await get('set=embedding&dataset=few&model=apples@1&limit=500')).json()).toEqual(page);
    expect(readFileSync(kept).equals(whole)).toBe(true);
  });

  it('is refused of crops whose colours the model does not know', async () => {
    const answer = await get('set=embedding&dataset=levelled&model=apples@1');
    expect(answer.ok).toBe(false);
    expect(await answer.json()).toMatchObject({
      code: 'model-unreadable',
      message: expect.stringContaining(
        'colours as the camera gives them, these have them contrast equalised',
      ),
    });
  });

  it('is computed again where what was kept is cut short, and read where the model’s files are gone', async () => {
    const model = await running.plane.stores.models.resolve('apples@1');
    const { digest } = (await running.plane.stores.datasets.find('few', ''))!;
    const kept = join(data, 'datasets', 'few', digest, `features-embedding@${model.digest}.figures`);
    const whole = readFileSync(kept);
    writeFileSync(kept, whole.subarray(0, whole.byteLength - 3));
    expect((await get('set=embedding&dataset=few&model=apples@1')).status).toBe(200);
    expect(readFileSync(kept).equals(whole)).toBe(true);
    const embeddings = new DatasetEmbeddings(data);
    const removed = { ...model, filesRemovedAt: '2026-01-01T00:00:00.000Z' };
    const { columns, rows } = await embeddings.read({ name: 'few', digest }, removed);
    expect(Buffer.concat([Buffer.from(`${columns}\n`), new Uint8Array(rows.buffer)]).equals(whole)).toBe(
      true,
    );
    rmSync(kept);
    // What is wrong is named as what it is, and the next who asks is answered.
    const crops = join(data, 'datasets', 'few', digest, 'crops.u8');
    const pixels = readFileSync(crops);
    writeFileSync(crops, pixels.subarray(0, 9_999));
    await expect(embeddings.read({ name: 'few', digest }, model)).rejects.toMatchObject({
      code: 'dataset-damaged',
    });
    writeFileSync(crops, pixels);
    const { path: network } = networkOf(model);
    const onnx = readFileSync(network);
    writeFileSync(network, 'no network');
    await expect(embeddings.read({ name: 'few', digest }, model)).rejects.toMatchObject({
      code: 'model-unreadable',
    });
    writeFileSync(network, onnx);
    expect((await embeddings.read({ name: 'few', digest }, model)).rows).toEqual(rows);
    rmSync(kept);
    await expect(embeddings.read({ name: 'few', digest }, removed)).rejects.toMatchObject({
      code: 'files-removed',
    });
  });
});

describe('pomona predict', () => {
  it('grades the files that can be graded and says what is wrong with the others', async () => {
    const broken = join(data, 'broken.jpg');
    writeFileSync(broken, 'nothing');
    const { code, stdout } = await runCli([
      ...['predict', photograph, broken, join(data, 'absent.jpg')],
      ...['--data', data, '--json'],
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { ok: true, grade: expect.any(String) },
      { ok: false, reason: expect.stringMatching(/not a JPEG/) },
      { ok: false, reason: expect.stringMatching(/ENOENT/) },
    ]);
  });
});

describe.skipIf(executablePath === undefined)('the page "Try it"', { timeout: 60_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(() => browser?.close());

  it.each([1280, 800])('shows the grade of a chosen photograph, %i px wide', async (width) => {
    const complaints: string[] = [];
    const page = await openPage(browser, { width, complaints });
    await page.setExtraHTTPHeaders({ authorization: `Bearer ${running.plane.localToken}` });
    await page.goto(`${running.plane.urls.console}/try-it`);
    await page.locator('input[type=file]').first().setInputFiles(photograph);
    const grade = page.getByRole('region', { name: 'Grade', exact: true });
    await grade
      .getByText(/^(good|ok|bad)$/)
      .first()
      .waitFor();
    const crop = page.getByRole('img', { name: 'The crop that the model was shown' });
    await expect.poll(() => crop.getAttribute('width')).toBe('256');
    const why = page.getByRole('button', { name: 'Why bad' });
    await why.click();
    expect(await why.getAttribute('aria-pressed')).toBe('true');
    await page.getByText('speaks for bad').waitFor();
    if (process.env.POMONA_SCREENSHOTS)
      await page.screenshot({
        path: join(process.env.POMONA_SCREENSHOTS, `try-it-${width}.png`),
        fullPage: true,
      });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('says what is wrong with a file that is no photograph', async () => {
    const page = await openPage(browser);
    await page.setExtraHTTPHeaders({ authorization: `Bearer ${running.plane.localToken}` });
    await page.goto(`${running.plane.urls.console}/try-it`);
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no') });
    const alert = page.getByRole('alert');
    await alert.getByText('a.jpg: the photograph cannot be read: it is not a JPEG').waitFor();
    await page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name: 'list.txt', mimeType: 'text/plain', buffer: Buffer.from('no') });
    await alert.getByText('list.txt: the photograph cannot be read: it is not a JPEG').waitFor();
    await alert.getByText(/Send the photograph.s file itself, as JPEG/).waitFor();
    await page.close();
  });
});
