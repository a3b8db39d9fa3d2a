/** What a model's page says of its variants, its gates and its lineage, in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the page of a model', () => {
  const server = new ConsoleServer(consoleAnswers());
  let browser: Browser;

  beforeAll(async () => {
    await server.start();
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  it('shows fp32 and int8 side by side, and fits a tablet', async () => {
    for (const width of [1280, 800]) {
      const page = await openPage(browser, { width });
      await page.goto(`${server.url}/models`);
      const rows = page.getByRole('region', { name: 'Variants', exact: true }).getByRole('row');
      await rows.first().waitFor();
      expect((await rows.allInnerTexts()).map((text) => text.split(/\s+/).join(' '))).toEqual([
        expect.stringMatching(/variant size ms per view accuracy agreement ece/i),
        expect.stringMatching(/^fp32 .*0\.102 96\.2 % 100 %/),
        expect.stringMatching(/^int8 .*0\.055 96\.0 % 99\.3 %/),
      ]);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (process.env.POMONA_SCREENSHOTS)
        await page.screenshot({
          path: `${process.env.POMONA_SCREENSHOTS}/variants-${width}.png`,
          fullPage: true,
        });
      await page.close();
    }
  });

  it('says what the version was made from, and which gates it was held against', async () => {
    const page = await openPage(browser);
    await page.goto(`${server.url}/models`);
    const gates = page.getByRole('region', { name: 'Gates', exact: true }).getByRole('row');
    await gates.first().waitFor();
    expect((await gates.allInnerTexts()).map((text) => text.split(/\s+/).join(' ')).slice(1)).toEqual([
      'macro-f1 0.9541 ≥ 0.9 passed',
      'group-gap 0.119 ≤ 0.05 failed',
      'export-parity 0.0000023 ≤ 0.0001 passed',
    ]);
    const rowsOf = async (name: string) => {
      const rows = page.getByRole('region', { name, exact: true }).getByRole('row');
      await rows.first().waitFor();
      return (await rows.allInnerTexts()).map((text) => text.split(/\s+/).join(' '));
    };
    expect((await rowsOf('By grade')).join('\n')).toContain(
      '97.5 % 96–99 95.0 % 93–97 96.2 % 0.993 0.987 402',
    );
    const groups = await page.getByRole('region', { name: 'By group', exact: true }).textContent();
    expect(groups).toContain('bad 4.2 %, worst in russet; good not enough data');
    expect((await rowsOf('Worst cases'))[1]).toMatch(/^Good Bad 0.4 % good\/17.jpg of russet/i);
    await page.getByText('8.7 % before calibration').waitFor();
    const fitted = await page.getByRole('region', { name: 'Calibrated', exact: true }).textContent();
    expect(fitted).toContain('new groups may do worse');
    const made = await page.getByRole('region', { name: 'Made from', exact: true }).textContent();
    for (const fact of ['orchard-demo', 'apples v2', 'sequential', '42', '1a2b3c4d', '0.001', 'augment'])
      expect(made).toContain(fact);
    await page.getByRole('link', { name: 'apples v2' }).last().click();
    await page.getByText('from before there were gates').waitFor();
    await page.close();
  });
});
