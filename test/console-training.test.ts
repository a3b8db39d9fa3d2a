/** The page of trainings in a real browser: curves of loss and accuracy, and the list. */
import type { JobView } from '@pomona/wire';
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

describe.skipIf(executablePath === undefined)('the page of trainings', () => {
  let browser: Browser;
  let server: ConsoleServer;

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    const failed = job(1, { state: 'failed', error: 'single-class: images of one grade only' });
    server = new ConsoleServer({ ...consoleAnswers(), jobs: [job(2), failed] });
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
    if (process.env.POMONA_SCREENSHOT)
      await page.screenshot({ path: process.env.POMONA_SCREENSHOT, fullPage: true });
    await page.getByRole('button', { name: 'train 1' }).click();
    await page.getByRole('heading', { name: 'Loss of job 1' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
