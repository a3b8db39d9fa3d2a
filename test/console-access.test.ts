/** How somebody gets into the console, and lets others in: a real browser on a real control plane. */
import { startTestControlPlane, type TestControlPlane } from '@pomona/cloud/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the way into the console', () => {
  let running: TestControlPlane;
  let browser: Browser;
  beforeAll(async () => {
    running = await startTestControlPlane();
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await running?.remove();
  });

  it('is a set-up link at first, a password later, and a token for programs', async () => {
    const page = await openPage(browser);
    await page.goto(`${running.plane.urls.console}/models`);
    await page.getByText('Nobody can sign in yet.').waitFor();
    await page.goto((await running.plane.setUpUrl()) ?? '');
    // The browser itself refuses what the control plane would.
    const refused = page.locator('input[autocomplete=username]:invalid');
    await page.getByLabel('Name').fill('Ann B');
    expect(await refused.count()).toBe(1);
    await page.getByLabel('Name').fill('ann');
    expect(await refused.count()).toBe(0);
    await page.getByLabel('Password').first().fill('correct horse');
    await page.getByRole('button', { name: 'Become the admin' }).click();
    await page.getByText('ann, admin').waitFor();

    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByLabel('What for').fill('scale');
    await page.getByRole('button', { name: 'Create token' }).click();
    const token = await page.locator('code').textContent();
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${running.plane.urls.console}/v1/overview`, { headers })).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No token yet.').waitFor();
    expect((await fetch(`${running.plane.urls.console}/v1/overview`, { headers })).status).toBe(401);

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Name').fill('ann');
    await page.getByLabel('Password').first().fill('wrong horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('the name or the password is wrong').waitFor();
    await page.getByLabel('Password').first().fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('ann, admin').waitFor();
    await page.close();
  });

  it('may be a link that signs in by itself', async () => {
    const page = await openPage(browser);
    await page.goto(await running.plane.signInUrl('demo'));
    await page.getByText('demo, admin').waitFor();
    await page.close();
  });
});
