/** The page of trainings in a real browser: curves of loss and accuracy, and the list. */
import { join } from 'node:path';
import type { JobView, TrainingRunSummary, TuneResult, TuneTrial } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

function job(id: number, change: Partial<JobView> = {}): JobView {
  const epochs = [1, 2, 3, 4].map((epoch) => ({
    epoch,
    loss: 2 / epoch,
    accuracy: 0.5 + epoch / 10,
    validationLoss: epoch === 1 ? null : 2.2 / epoch,
    validationAccuracy: 0.45 + epoch / 10,
  }));
  const at = '2026-01-01T00:00:00.000Z';
  const times = { createdAt: at, startedAt: at, endedAt: at, heardAt: at };
  return {
    id,
    kind: 'train',
    state: 'done',
    ...times,
    actor: 'ada',
    request: {},
    epochs,
    result: null,
    error: null,
    ...change,
  };
}

function run(id: number, change: Partial<TrainingRunSummary> = {}): TrainingRunSummary {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    ...{ id, name: `apples-1-job-${id}`, kind: 'train', state: 'done', job: id, startedAt: at, endedAt: at },
    ...{ dataset: { name: 'orchard', digest: 'da7a'.padEnd(64, '0') }, network: 'compact', seed: 1 },
    ...{ codeRevision: 'c0de', model: { name: 'apples', version: id }, epochs: 4, accuracy: 0.9 },
    ...{ macroF1: 0.875, digest: 'cafe'.padEnd(64, '0'), reproduces: null, error: null, ...change },
  };
}

/** As a search of two networks at two sizes ends: the better half of the trials went on for twice as long. */
function tuned(): TuneResult {
  const trials = [0.88, 0.93, 0.84, 0.9, 0.86, 0.91].map((macroF1, at): TuneTrial => {
    const [network, size, msPerView] = (
      [
        ['sequential', 64, 0.21],
        ['compact', 64, 0.62],
        ['sequential', 48, 0.13],
        ['compact', 48, 0.37],
      ] as const
    )[at % 4]!;
    const recipe = {
      ...{ learningRate: 0.004 * (1 + at), classBalance: 0.2 * at },
      augmentation: { brightness: 0.05 * at, whiteBalance: 0.02 * at, gamma: 0.03 * at },
    };
    return {
      ...{
        trial: at + 1,
        network,
        size,
        recipe,
        epochs: 4,
        macroF1,
        msPerView,
        score: macroF1 - msPerView / 50,
      },
      ...{ isOnFront: at < 4, seconds: 20 + 10 * at },
    };
  });
  return { trials, trying: { trial: 2, network: 'compact', size: 64, epochs: 8 } };
}

describe.skipIf(executablePath === undefined)('the page of trainings', () => {
  let browser: Browser;
  let server: ConsoleServer;
  let tuning: JobView;

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    const failed = job(1, { state: 'failed', error: 'single-class: images of one grade only' });
    const answers = consoleAnswers();
    const request = { dataset: { name: 'orchard' }, budgetMinutes: 20 };
    tuning = job(5, {
      ...{ kind: 'tune', state: 'running', endedAt: null, epochs: [], result: tuned(), request },
    });
    server = new ConsoleServer({
      ...answers,
      models: answers.models.map((model) => ({ ...model, weightsDigest: 'b'.repeat(64) })),
      jobs: [job(2), failed, tuning],
      networks: [
        { name: 'sequential', summary: 'Two convolutions: small, and fast on any board', isDefault: false },
        { name: 'compact', summary: 'Four convolutions: for photographs', isDefault: true },
      ],
      runs: [
        run(2, { reproduces: 1 }),
        run(1),
        run(3, { state: 'failed', digest: null, model: null, macroF1: null }),
      ],
      comparison: {
        ...{ same: false, curvesPartAt: 3 },
        rows: [
          { section: 'platform', name: 'cores', a: 2, b: 8, same: false },
          { section: 'parameters', name: 'seed', a: 1, b: 1, same: true },
          { section: 'figures', name: 'test macroF1', a: 0.875, b: 0.86251, same: false },
        ],
      },
    });
    await server.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('shows the curves of a job that has some, and the result of one that has none', async () => {
    const complaints: string[] = [];
    const page = await openPage(browser, { complaints });
    const before = server.answers.jobs;
    const made = { name: 'apples', version: 3, digest: 'c0de', failedGates: ['macro-f1'] };
    server.answers.jobs = [job(4, { epochs: [], kind: 'calibrate', result: made }), ...(before ?? [])];
    await page.goto(`${server.url}/training`);
    await page.getByRole('heading', { name: 'Loss of job 2' }).waitFor();
    await page.getByRole('cell', { name: 'apples@3; gates failed: macro-f1' }).waitFor();
    await page.getByRole('button', { name: 'calibrate 4' }).click();
    await page.getByRole('region', { name: 'What came of calibrate 4' }).getByText('Open apples@3').waitFor();
    expect(await page.getByRole('heading', { name: /^Loss of job/ }).count()).toBe(0);
    if (process.env.POMONA_SCREENSHOTS !== undefined)
      for (const width of [1280, 800]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.screenshot({
          path: `${process.env.POMONA_SCREENSHOTS}/training-${width}.png`,
          fullPage: true,
        });
      }
    server.answers.jobs = before ?? [];
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('says since when a job was not heard of that may have died, and of one that lives that it runs', async () => {
    const page = await openPage(browser);
    const before = server.answers.jobs;
    const heardAt = (agoS: number) => new Date(Date.now() - agoS * 1_000).toISOString();
    const running = { state: 'running', endedAt: null } as const;
    server.answers.jobs = [
      job(4, { ...running, heardAt: heardAt(3_600) }),
      // However long the browser takes, this one was heard of within seconds.
      job(3, { ...running, heardAt: heardAt(-600) }),
    ];
    await page.goto(`${server.url}/training`);
    const trainings = page.getByRole('region', { name: 'Trainings', exact: true });
    const stateOf = (name: string) => trainings.getByRole('row', { name }).getByRole('cell').first();
    await stateOf('train 4').getByText('last heard of').waitFor();
    expect(await stateOf('train 4').textContent()).toMatch(/^running\?last heard of .+ ago$/);
    expect(await stateOf('train 3').textContent()).toBe('running');
    if (process.env.POMONA_SCREENSHOTS !== undefined)
      for (const width of [1280, 820]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.screenshot({ path: `${process.env.POMONA_SCREENSHOTS}/silent-job-${width}.png` });
      }
    server.answers.jobs = before ?? [];
    await page.close();
  });

  it('lists the newest jobs, and the others when they are asked for, before the forms', async () => {
    const page = await openPage(browser);
    const before = server.answers.jobs;
    server.answers.jobs = Array.from({ length: 12 }, (_, at) => job(42 - at));
    await page.goto(`${server.url}/training`);
    const trainings = page.getByRole('region', { name: 'Trainings', exact: true });
    await trainings.getByRole('button', { name: 'train 42' }).waitFor();
    expect(await trainings.getByRole('button', { name: /^train / }).count()).toBe(8);
    await trainings.getByRole('button', { name: 'Show all 12' }).click();
    await trainings.getByRole('button', { name: 'train 31' }).waitFor();
    const topOf = async (name: string) =>
      (await page.getByRole('region', { name, exact: true }).boundingBox())!.y;
    expect(await topOf('Start a training')).toBeLessThan(await topOf('Runs'));
    server.answers.jobs = before ?? [];
    await page.close();
  });

  it('draws both curves, and says how each training ended', async () => {
    const complaints: string[] = [];
    const page = await openPage(browser, { complaints });
    await page.goto(`${server.url}/training`);
    for (const name of ['Loss by epoch', 'Accuracy by epoch']) {
      const plot = page.getByRole('img', { name });
      await plot.waitFor();
      expect((await plot.locator('canvas').boundingBox())?.height).toBeGreaterThan(100);
    }
    await page.getByText('single-class: images of one grade only').waitFor();
    await page.getByRole('cell', { name: '85.0 %' }).first().waitFor();
    await page.getByRole('rowheader', { name: 'train 2, again 1' }).waitFor();
    await page.getByText('Their curves part at epoch 3.').waitFor();
    await page.getByRole('cell', { name: '0.8625' }).waitFor();
    expect(await page.getByRole('rowheader', { name: 'seed', exact: true }).count()).toBe(0);
    if (process.env.POMONA_SCREENSHOT)
      await page.screenshot({ path: process.env.POMONA_SCREENSHOT, fullPage: true });
    await page.getByRole('button', { name: 'train 1' }).click();
    await page.getByRole('heading', { name: 'Loss of job 1' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([1280, 800])('shows what a tuning tried as it comes, %i px wide', async (width) => {
    const complaints: string[] = [];
    const page = await openPage(browser, { width, complaints });
    tuning.result = tuned();
    tuning.state = 'running';
    tuning.endedAt = null;
    await page.goto(`${server.url}/training`);
    await page.getByRole('button', { name: 'tune 5' }).click();
    await page.getByText('Trial 2 runs: compact at 64×64, 8 passes. It tries for 20 minutes.').waitFor();
    const plot = page.getByRole('img', { name: 'Accuracy against time of a view' });
    expect((await plot.locator('canvas').boundingBox())?.height).toBeGreaterThan(100);
    const first = page.getByRole('region', { name: 'What tuning 5 tried' }).locator('tbody tr').first();
    expect((await first.locator('th, td').allTextContents()).slice(0, 6)).toEqual([
      ...['2', 'compact', '64 px', '4', '93.0 %', '0.62 ms'],
    ]);
    await first.getByText('best for its speed').waitFor();
    expect(await drawnShare(page), 'of the plot in the colour of the best').toBeGreaterThan(0.0005);
    await shoot(page, `training-tuning-${width}.png`);
    // What comes of it stands there without a reload.
    const { trials } = tuned();
    const why = 'compact at 64×64, macro-F1 0.9300 on validation, 0.620 ms per view: the best of all trials';
    const release = { name: 'apples', version: 4, digest: 'a'.repeat(64) };
    tuning.result = { trials, chosen: trials[1], why, ...release };
    tuning.endedAt = '2026-01-01T00:20:00.000Z';
    tuning.state = 'done';
    await page.getByText('apples@4 is trial 2, trained in full').waitFor();
    await page.getByRole('cell', { name: 'chosen', exact: true }).waitFor();
    await page.getByRole('cell', { name: 'apples@4; trial 2 of 6' }).waitFor();
    await shoot(page, `training-tuned-${width}.png`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it.each([1280, 800])('starts a training with no thought, and with all of it, %i px wide', async (width) => {
    const page = await openPage(browser, { width });
    const [dataset] = server.answers.datasets;
    const [model] = server.answers.models;
    const of = { dataset: `${dataset!.name}@${dataset!.digest}`, name: 'apples' };
    server.ordered.length = 0;
    await page.goto(`${server.url}/training`);
    const panel = page.getByRole('region', { name: 'Start a training' });
    const train = panel.getByRole('button', { name: 'Train', exact: true });
    await train.click();
    await expect.poll(() => server.ordered).toEqual([{ path: '/v1/jobs/train', body: of }]);

    server.ordered.length = 0;
    await panel.getByText('Advanced').click();
    await panel.getByLabel('Start from').selectOption(`${model!.name}@${model!.version}`);
    expect(await panel.getByLabel('Kind of network').isDisabled()).toBe(true);
    await panel.getByLabel('Learns with').selectOption('TensorFlow');
    await panel.getByLabel('The light on the line').selectOption('Always the same lamp');
    await panel.getByLabel('Every lot or session counts the same').check();
    await panel.getByLabel('Check on fruit that it never saw').selectOption('Leave out each variety');
    await panel.getByLabel('Settings by name').fill('{"labelSmoothing": 0.1}');
    await shoot(page, `training-advanced-${width}.png`);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    await train.click();
    const from = `${model!.name}@${model!.version}`;
    const augmentation = { brightness: 0.05, whiteBalance: 0.02, gamma: 0.05, highlights: 0 };
    const recipe = { groupBalance: 1, augmentation, labelSmoothing: 0.1 };
    await expect
      .poll(() => server.ordered)
      .toEqual([
        { path: '/v1/jobs/train', body: { ...of, from, engine: 'tensorflow', recipe } },
        { path: '/v1/jobs/leave-out', body: { by: 'variety', dataset: of.dataset, model: from } },
      ]);

    server.ordered.length = 0;
    await panel.getByLabel('Settings by name').fill('labelSmoothing: 0.1');
    await train.click();
    await panel.getByRole('alert').waitFor();
    expect(server.ordered).toEqual([]);
    await page.close();
  });

  it('trains again with what was labelled', async () => {
    const page = await openPage(browser);
    server.ordered.length = 0;
    await page.goto(`${server.url}/training`);
    const panel = page.getByRole('region', { name: 'Learn from what was labelled' });
    await panel.getByRole('button', { name: 'Train again', exact: true }).click();
    const model = server.answers.models[0]!.name;
    await expect.poll(() => server.ordered).toEqual([{ path: '/v1/retrain', body: { model } }]);
    await page.close();
  });

  it('starts a tuning with a budget in minutes', async () => {
    const page = await openPage(browser);
    server.ordered.length = 0;
    await page.goto(`${server.url}/training`);
    const panel = page.getByRole('region', { name: 'Find what suits' });
    await panel.getByLabel('Minutes for trying').fill('25');
    await panel.getByText('Advanced').click();
    await panel.getByLabel('sequential').uncheck();
    await panel.getByRole('button', { name: 'Tune', exact: true }).click();
    const [dataset] = server.answers.datasets;
    await expect
      .poll(() => server.ordered)
      .toEqual([
        {
          path: '/v1/jobs/tune',
          body: {
            ...{ dataset: `${dataset!.name}@${dataset!.digest}`, name: 'apples', trials: 8 },
            ...{ budgetMinutes: 25, networks: ['compact'] },
          },
        },
      ]);
    await page.close();
  });
});

async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.POMONA_SCREENSHOTS;
  if (folder !== undefined) await page.screenshot({ path: join(folder, name), fullPage: true });
}

/** Of the pixels of the plot of trials, those in the colour of points that no other beats. */
function drawnShare(page: Page): Promise<number> {
  return page.evaluate<number>(`{
    const canvas = document.querySelector('[aria-label="Accuracy against time of a view"] canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let accent = 0;
    for (let at = 0; at < data.length; at += 4)
      if (data[at] === 0x2a && data[at + 1] === 0x65 && data[at + 2] === 0x49) accent++;
    (accent * 4) / data.length;
  }`);
}
