/** The Drift page in a real browser on a real control plane, to which stations sent windows. */
import {
  enrolTestStation,
  eventually,
  startTestControlPlane,
  type TestControlPlane,
  TestStation,
} from '@pomona/cloud/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { sendWindows } from './support/send-windows.ts';

const executablePath = findChromium();
const screenshots = process.env.POMONA_SCREENSHOTS;

describe.skipIf(executablePath === undefined)('the Drift page', () => {
  let running: TestControlPlane;
  let browser: Browser;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    running = await startTestControlPlane();
    browser = await launchChromium(executablePath ?? '');
    page = await openPage(browser, { complaints });
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await running?.remove();
  });

  async function enrol(name: string, ...parts: Parameters<typeof sendWindows>[1]): Promise<void> {
    const station = await TestStation.connect(running.plane, await enrolTestStation(running.plane, name));
    await sendWindows(station, parts);
    await station.end();
  }
  const row = (station: string) =>
    page.getByRole('region', { name: 'Stations' }).getByRole('row').filter({ hasText: station });

  it('says what will come before there is anything', async () => {
    await page.goto(await running.plane.signInUrl('ann'));
    await page.getByRole('link', { name: 'Drift' }).click();
    await page.getByText('The first five windows of a release are its baseline.').waitFor();
    await enrol('east');
    await page.reload();
    await row('east').getByText('Nothing counted yet').waitFor();
    await page.getByText('Here will stand, window by window').waitFor();
  });

  it('says of each station whether it is still right, what it is and what to do, the worst first', async () => {
    await enrol('north', { windows: 12, line: {} }, { windows: 4, line: { gain: 0.6 } });
    await enrol('south', { windows: 9, line: { bad: 0.1 } });
    await enrol('west', { windows: 3, line: {} });
    await eventually(async () => (await running.plane.stores.alerts.list()).length === 1, 8_000);
    await page.reload();
    await row('north').getByText('Camera drift: the picture changed').waitFor();
    await row('north').getByText('Clean the lens and check the lamp.').waitFor();
    await row('south').getByText('Fine: as in its baseline').waitFor();
    await row('west').getByText('Still learning its baseline: 3 of 5 windows').waitFor();
    expect(await row('north').getByRole('cell').allTextContents()).toContain('16of 500 fruits');
    const names = await page
      .getByRole('region', { name: 'Stations' })
      .getByRole('rowheader')
      .allTextContents();
    expect(names).toEqual(['north', 'south', 'west', 'east']);
  });

  it('shows what differs, and a chart of each statistic against its limit', async () => {
    const compared = page.getByRole('region', { name: 'What is compared' });
    const brightness = compared.getByRole('row').filter({ hasText: 'Brightness' });
    await brightness.getByText(/^[1-9][0-9.]* × limit$/).waitFor();
    const [usual, now] = (await brightness.getByRole('cell').allTextContents()).map(Number);
    expect(now! / usual!).toBeCloseTo(0.6, 1);
    await compared.getByRole('row').filter({ hasText: 'Size' }).getByText('within limit').waitFor();
    for (const [choose, title] of [
      ['Size', 'Size of north'],
      ['Brightness', 'Brightness of north'],
    ] as const) {
      await compared.getByRole('button', { name: choose }).click();
      const plot = page.getByRole('img', { name: `${title} over windows` });
      expect((await plot.locator('canvas').boundingBox())?.height).toBeGreaterThan(100);
    }
    const shares = page.getByRole('region', { name: 'Share of each grade' });
    await shares.getByText('good, usual').waitFor();
    await page.getByRole('region', { name: 'Estimated accuracy' }).getByText('least it should be').waitFor();
    await page.getByRole('region', { name: 'Colour of the belt' }).getByText('red, usual').waitFor();
    for (const width of [1280, 800]) {
      await page.setViewportSize({ width, height: 1000 });
      if (screenshots !== undefined)
        await page.screenshot({ path: `${screenshots}/drift-${width}.png`, fullPage: true });
      const tooWide = 'document.documentElement.scrollWidth > document.documentElement.clientWidth';
      expect(await page.evaluate(tooWide)).toBe(false);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('is one click from an alert of drift and from a station, and opens another station', async () => {
    await page.getByRole('link', { name: 'Alerts' }).click();
    await page.getByRole('link', { name: 'See its windows' }).click();
    await page.getByRole('heading', { name: / of north$/ }).waitFor();
    await page.goto(`${running.plane.urls.console}/stations/west`);
    const panel = page.getByRole('region', { name: 'Drift' });
    await panel.getByText('3 of 5 windows').waitFor();
    await panel.getByRole('link', { name: 'Charts' }).click();
    await page.getByRole('heading', { name: 'Brightness of west' }).waitFor();
    await page.getByText('not judged yet').first().waitFor();
    await row('south').getByRole('link', { name: 'south' }).click();
    await page.getByRole('heading', { name: / of south$/ }).waitFor();
    expect(complaints).toEqual([]);
  });
});
