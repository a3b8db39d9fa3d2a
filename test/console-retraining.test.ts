/** A proposed retraining on the page of trainings, in a real browser. */
import type { JobView, RetrainProposal } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();
const at = '2026-01-01T00:00:00.000Z';

const proposal: RetrainProposal = {
  ...{ id: 3, at, alert: 12, model: 'apples', state: 'proposed', decidedAt: null, actor: null, job: null },
  why: 'The model is otherwise sure than before on north (alert 12), and 83 fruits were labelled since the last retraining',
  reason: 'job 7 failed: no room on the disk',
};
const retrained: JobView = {
  ...{
    id: 8,
    kind: 'retrain',
    state: 'done',
    createdAt: at,
    startedAt: at,
    endedAt: at,
    heardAt: at,
    actor: 'ada',
  },
  ...{ request: {}, epochs: [], error: null },
  result: {
    ...{ name: 'apples', version: 4, digest: 'a'.repeat(64), failedGates: ['macro-f1'] },
    ...{ accuracy: { base: 0.95, samples: 0.8 }, rollout: null, notRolledOut: 'failed its gates: macro-f1' },
  },
};

describe.skipIf(executablePath === undefined)('a proposed retraining', () => {
  let browser: Browser;
  let server: ConsoleServer;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    server = new ConsoleServer({ ...consoleAnswers(), jobs: [retrained] });
    await server.start();
    page = await openPage(browser, { complaints });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(() => {
    server.answers.proposals = [{ ...proposal }];
    server.answers.role = 'operator';
  });

  const title = () => page.getByText('Retraining apples is proposed');
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  it('says why, and is gone once it is approved', async () => {
    await page.goto(`${server.url}/training`);
    await title().waitFor();
    await page.getByText('83 fruits were labelled').waitFor();
    await page.getByText('Tried before: job 7 failed').waitFor();
    await page
      .getByText(
        'apples@4; 95.0 % on old fruit; 80.0 % on labelled fruit; not rolled out: failed its gates: macro-f1',
      )
      .waitFor();
    const picture = process.env.POMONA_SCREENSHOT;
    if (picture) {
      await page.screenshot({ path: picture, fullPage: true });
      await page.setViewportSize({ width: 800, height: 900 });
      await page.screenshot({ path: picture.replace('.png', '-800.png'), fullPage: true });
      await page.setViewportSize({ width: 1280, height: 900 });
    }
    await button('Approve').click();
    await title().waitFor({ state: 'detached' });
    expect(server.answers.proposals?.[0]?.state).toBe('approved');
  });

  it('asks why it is declined', async () => {
    await page.goto(`${server.url}/training`);
    await button('Decline').click();
    await page.getByLabel('Why: decline').fill('the lot is over');
    await button('Decline').click();
    await title().waitFor({ state: 'detached' });
    expect(server.answers.proposals?.[0]).toMatchObject({ state: 'declined', reason: 'the lot is over' });
  });

  it('tells a viewer why there is nothing to press', async () => {
    server.answers.role = 'viewer';
    await page.goto(`${server.url}/training`);
    await title().waitFor();
    for (const name of ['Approve', 'Decline']) {
      expect(await button(name).isDisabled()).toBe(true);
      expect(await button(name).getAttribute('title')).toBe('Needs the role operator; you are viewer.');
    }
    expect(complaints).toEqual([]);
  });
});
