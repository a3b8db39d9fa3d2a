/** The page of datasets in a real browser: versions of other names with the same content, and what to know of one. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();
const caveat = 'no group is known, so its accuracy may be far too good';

describe.skipIf(executablePath === undefined)('the page of datasets', () => {
  let browser: Browser;
  let server: ConsoleServer;

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    const answers = consoleAnswers();
    const [dataset] = answers.datasets;
    const quarantined = [
      { path: 'dark.jpg', reason: 'the fruit is too dark', original: 'a'.repeat(64), grade: 'good' },
    ];
    server = new ConsoleServer({
      ...answers,
      datasets: [
        { ...dataset!, name: 'first', quarantined },
        { ...dataset!, name: 'second', quarantined, notes: [caveat] },
      ],
    });
    await server.start();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('opens the name that was clicked where another has the same content, and accepts into that one', async () => {
    const complaints: string[] = [];
    const page = await openPage(browser, { complaints });
    await page.goto(`${server.url}/datasets`);
    const accepted: string[] = [];
    await page.route('**/accept', (route) => {
      accepted.push(new URL(route.request().url()).pathname.split('/')[3]!);
      return route.fulfill({ json: { ...server.answers.datasets[1], digest: 'b'.repeat(64) } });
    });
    for (const name of ['first', 'second']) {
      await page.getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { name, level: 2, exact: true }).waitFor();
      await page
        .getByRole('row', { name: new RegExp(`^${name} `) })
        .and(page.locator('[aria-current]'))
        .waitFor();
    }
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByLabel('Why dark.jpg can be used').fill('taken at dusk');
    await page.getByLabel('Why dark.jpg can be used').press('Enter');
    await page.getByText('There is no such dataset version.').waitFor();
    expect(accepted).toEqual(['second']);
    expect(complaints).toEqual([]);
    await page.close();
  });

  it('leads from an import that came to nothing to the quarantine, where something is in it', async () => {
    const page = await openPage(browser);
    let quarantined = 0;
    const problem = { code: 'dataset-empty', message: 'no image can be used', hint: 'Sort them.' };
    await page.route('**/uploads**', (route) =>
      route.fulfill({
        json: {
          ...{ id: 1, name: 'photographs', file: 'box.zip', by: 'ada', bytes: 1, state: 'failed' },
          ...{ at: '2026-01-01T00:00:00.000Z', done: 0, total: 0, quarantined },
          ...{ dataset: null, waiting: null, notes: [], problem },
        },
      }),
    );
    for (const links of [0, 1]) {
      quarantined = 2 * links;
      await page.goto(`${server.url}/datasets`);
      const zip = { name: 'box.zip', mimeType: 'application/zip', buffer: Buffer.from('PK') };
      await page.locator('input[type=file]').setInputFiles(zip);
      await page.getByRole('button', { name: 'Import', exact: true }).click();
      await page.getByText('Sort them.').waitFor();
      expect(await page.getByRole('link', { name: 'See the quarantine' }).count()).toBe(links);
    }
    await page.close();
  });

  it('says what to know before trusting an accuracy', async () => {
    const page = await openPage(browser);
    await page.goto(`${server.url}/datasets/second/${server.answers.datasets[0]!.digest}`);
    await page.getByText(caveat).waitFor();
    if (process.env.POMONA_SCREENSHOTS !== undefined)
      for (const width of [1280, 800]) {
        await page.setViewportSize({ width, height: 1000 });
        await page.screenshot({
          path: `${process.env.POMONA_SCREENSHOTS}/caveat-${width}.png`,
          fullPage: true,
        });
      }
    // As commands print it.
    await page.goto(`${server.url}/datasets/first/${server.answers.datasets[0]!.digest.slice(0, 12)}`);
    await page.getByRole('heading', { name: 'first', level: 2, exact: true }).waitFor();
    expect(await page.getByText(caveat).count()).toBe(0);
    await page.close();
  });
});
