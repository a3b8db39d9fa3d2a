/** Labelling by keys, in a real browser. */
import type { SampleView } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();
const labels = ['bad', 'good', 'ok'];

function sample(id: number, top: number): SampleView {
  const at = new Date().toISOString();
  return {
    ...{ id, site: 'demo', line: 'line-1', station: 'north', at, receivedAt: at, labels, size: 64, views: 7 },
    release: { name: 'apples', version: 3, digest: 'c0ffee'.padEnd(64, '0') },
    reason: 'uncertain',
    fruit: { boot: '00112233aabbccdd', seq: id, lane: 0, grade: 'good', positionMm: 12 },
    probabilities: [0.1, top, 0.9 - top],
    uncertainty: 1 - top,
    pixels: 'ab'.repeat(32),
    label: null,
    labelledAt: null,
    labelledBy: null,
  };
}

describe.skipIf(executablePath === undefined)('labelling', () => {
  let browser: Browser;
  let server: ConsoleServer;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    server = new ConsoleServer(consoleAnswers());
    await server.start();
    page = await openPage(browser, { complaints });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(() => {
    server.answers.samples = [sample(1, 0.46), sample(2, 0.5), sample(3, 0.6)];
  });

  const given = () => server.answers.samples?.map(({ label }) => label);

  it('goes through the fruit by keys, skips, and takes the last one back', async () => {
    await page.goto(`${server.url}/labelling`);
    await page.getByText('3 left').waitFor();
    const picture = (id: number) => page.getByAltText(`7 views of fruit ${id} of north`);
    await picture(1).waitFor();
    await page.getByText('good 46.0 % · ok 44.0 % · bad 10.0 %').waitFor();
    await page.keyboard.press('1');
    await picture(2).waitFor();
    await page.getByText('2 left').waitFor();
    await page.keyboard.press('s');
    await picture(3).waitFor();
    await page.keyboard.press('3');
    await page.getByText('No fruit waits for a label.').waitFor();
    expect(given()).toEqual(['good', null, 'bad']);
    await page.keyboard.press('u');
    await picture(3).waitFor();
    expect(given()).toEqual(['good', null, null]);
    await page.getByRole('button', { name: 'ok' }).click();
    await page.getByText('No fruit waits for a label.').waitFor();
    expect(given()).toEqual(['good', null, 'ok']);
    expect(complaints).toEqual([]);
  });

  it('lists the samples by their label', async () => {
    server.answers.samples![1]!.label = 'ok';
    await page.goto(`${server.url}/samples`);
    await page.getByText('1 labelled, 2 not').waitFor();
    const rows = page.getByRole('region', { name: 'Samples' }).locator('tbody tr');
    expect(await rows.count()).toBe(3);
    await page.getByLabel('Label').selectOption('labelled');
    await expect.poll(() => rows.count()).toBe(1);
    expect(complaints).toEqual([]);
  });
});
