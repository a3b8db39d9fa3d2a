/** The page "Try it" in a real browser: which model it asks, and what it says of a file that no model can be shown. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the page "Try it"', () => {
  let browser: Browser;
  let server: ConsoleServer;

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    const answers = consoleAnswers();
    const [old] = answers.models;
    const young = { ...old!, name: 'pears', version: 1, createdAt: new Date().toISOString() };
    const pruned = { ...young, version: 2, createdAt: new Date(Date.now() + 1_000).toISOString() };
    const models = [...answers.models, young, { ...pruned, filesRemovedAt: pruned.createdAt }];
    server = new ConsoleServer({ ...answers, models });
    await server.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  async function openIt(): Promise<{ page: Page; asked: string[] }> {
    const page = await openPage(browser);
    const asked: string[] = [];
    await page.route('**/v1/predict*', (route) => {
      asked.push(new URL(route.request().url()).search);
      return route.fulfill({ status: 422, json: { code: 'no-fruit', message: 'no fruit', hint: 'Closer.' } });
    });
    await page.goto(`${server.url}/try-it`);
    return { page, asked };
  }

  const choose = (page: Page, name: string, mimeType: string) =>
    page
      .locator('input[type=file]')
      .first()
      .setInputFiles({ name, mimeType, buffer: Buffer.from('x') });

  it('asks the newest of all models that has its files, also one of another name than the usual', async () => {
    const { page, asked } = await openIt();
    await page.getByRole('option', { name: 'pears@1' }).waitFor({ state: 'attached' });
    await choose(page, 'a.jpg', 'image/jpeg');
    await page.getByRole('alert').getByText('no fruit').waitFor();
    await page.getByLabel('Model').selectOption('apples@2');
    await choose(page, 'b.jpg', 'image/jpeg');
    await expect.poll(() => asked).toEqual(['?model=pears%401', '?model=apples%402']);
    await page.close();
  });

  it('leaves it to the control plane what a file of a phone is, and names the file', async () => {
    const { page, asked } = await openIt();
    await choose(page, 'IMG_0001.HEIC', 'image/heic');
    await page.getByRole('alert').getByText('IMG_0001.HEIC: no fruit').waitFor();
    expect(asked).toHaveLength(1);
    await page.close();
  });
});
