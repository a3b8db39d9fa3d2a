/** Alerts in a real browser on a real control plane: shown as they come, acknowledged with a note. */
import { startTestControlPlane, type TestControlPlane } from '@pomona/cloud/testing';
import type { AlertView } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

function alert(change: Partial<AlertView>): AlertView {
  return {
    ...{ id: 1, kind: 'drift-camera', severity: 'warning', station: 'north' },
    title: 'The pictures have become darker',
    detail: 'Clean the lens, and look at the lamp.',
    evidence: { luma: 1.2, medianLumaRatio: 0.6 },
    openedAt: new Date(Date.now() - 300_000).toISOString(),
    ...{ closedAt: null, acknowledgedAt: null, acknowledgedBy: null, note: null },
    ...change,
  };
}

describe.skipIf(executablePath === undefined)('alerts in the console', () => {
  let browser: Browser;
  const complaints: string[] = [];
  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(() => browser?.close());

  const open = async (width = 1280): Promise<Page> => {
    const page = await openPage(browser, { width, complaints });
    return page;
  };
  const isTooWide = (page: Page) =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  it('come without reloading, say what to do, and are counted beside their page’s name', async () => {
    const server = new ConsoleServer(consoleAnswers());
    const acknowledgedAt = new Date().toISOString();
    server.answers.alerts = [
      alert({
        id: 2,
        kind: 'drift-model',
        title: 'The model is otherwise sure than before',
        detail: '',
        acknowledgedAt,
        acknowledgedBy: 'ben',
        note: 'fifty fruits to label',
      }),
      alert({ id: 1, closedAt: acknowledgedAt }),
    ];
    await server.start();
    try {
      for (const width of [1280, 800]) {
        const page = await open(width);
        await page.goto(`${server.url}/alerts`);
        await page.getByText('Nothing needs a look.').waitFor();
        const next = page.getByRole('link', { name: 'Label fruit' });
        expect(await next.getAttribute('href')).toBe('/labelling');
        await expect.poll(() => server.listeners).toBeGreaterThan(0);
        const title = 'south is away';
        const away = alert({ id: 3, kind: 'station-offline', severity: 'critical', station: 'south', title });
        server.push({ kind: 'alert', alert: away });
        await page.getByText('Check its power and its network cable.').waitFor();
        await page.getByRole('link', { name: 'Alerts 1 open' }).waitFor();
        await page.getByText('fifty fruits to label').waitFor();
        expect(await isTooWide(page)).toBe(false);
        server.push({ kind: 'alert', alert: { ...away, closedAt: acknowledgedAt } });
        await page.getByText('Nothing needs a look.').waitFor();
        expect(await page.getByRole('link', { name: 'Alerts 1 open' }).count()).toBe(0);
        await page.close();
        await expect.poll(() => server.listeners).toBe(0);
      }
    } finally {
      await server.stop();
    }
    expect(complaints).toEqual([]);
  });

  it('are acknowledged by who is signed in, and webhooks are added, tested and removed', async () => {
    const running: TestControlPlane = await startTestControlPlane();
    try {
      const { plane } = running;
      const { openedAt, closedAt, acknowledgedAt, acknowledgedBy, note, id: _, ...dark } = alert({});
      const stored = await plane.stores.alerts.open(dark, Date.now());
      const page = await open();
      await page.goto(await plane.signInUrl('ann'));
      await page.getByRole('link', { name: 'Alerts 1 open' }).click();
      await page.getByText('Clean the lens and check the lamp.').waitFor();
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByLabel('What was found or done').fill('lamp replaced');
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByRole('region', { name: 'Acknowledged' }).getByText('lamp replaced').waitFor();
      // It got worse: what somebody had seen to was less.
      const black = { ...dark, severity: 'critical' as const, title: 'The picture is black' };
      await plane.stores.alerts.open(black, Date.now());
      await page.reload();
      await page.getByRole('link', { name: 'Alerts 1 open' }).waitFor();
      await page.getByText(/It was a warning first: .* Seen to then by ann: lamp replaced\./).waitFor();
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByLabel('What was found or done').fill('lamp replaced');
      await page.getByRole('button', { name: 'Acknowledge' }).click();
      await page.getByRole('region', { name: 'Acknowledged' }).getByText('The picture is black').waitFor();
      expect((await plane.stores.alerts.list())[0]).toMatchObject({
        ...{ id: stored?.alert.id, note: 'lamp replaced', acknowledgedBy: 'ann' },
      });

      await page.getByRole('link', { name: 'Settings' }).click();
      const panel = page.getByRole('region', { name: 'Webhooks' });
      // A name that never resolves (RFC 6761, section 6.4).
      await panel.getByLabel('URL').fill('https://erp.invalid/alerts');
      await panel.getByRole('button', { name: 'Add webhook' }).click();
      await panel.getByText('shown this once').waitFor();
      expect(await panel.locator('code').textContent()).toHaveLength(43);
      await panel.getByRole('button', { name: 'Test' }).click();
      await panel.getByText('Not taken').waitFor();
      await page.setViewportSize({ width: 800, height: 900 });
      expect(await isTooWide(page)).toBe(false);
      expect(complaints).toEqual([]);
      await panel.getByLabel('URL').fill('http://169.254.169.254/');
      await panel.getByRole('button', { name: 'Add webhook' }).click();
      await panel.getByText('169.254.169.254 is an address of').waitFor();
      await panel.getByRole('button', { name: 'Remove' }).click();
      await panel.getByText('No webhook yet.').waitFor();
      await page.close();
    } finally {
      await running.remove();
    }
  });
});
