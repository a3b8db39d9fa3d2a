/** The page of trainings in a real browser: curves of loss and accuracy, and the list. */
import type { JobView, TrainingRunSummary } from '@pomona/wire';
import type { Browser } from 'playwright-core';
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
  const times = { createdAt: at, startedAt: at, endedAt: at };
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

describe.skipIf(executablePath === undefined)('the page of trainings', () => {
  let browser: Browser;
  let server: ConsoleServer;

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    const failed = job(1, { state: 'failed', error: 'single-class: images of one grade only' });
    server = new ConsoleServer({
      ...consoleAnswers(),
      jobs: [job(2), failed],
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
});
