/**
 * Every page of the console, as somebody sees it who may only look: a real browser on a real control plane with a
 * station, models, a training, a rollout and fruit to label. `POMONA_SCREENSHOTS` names a folder for pictures of them.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestControlPlane, type TestControlPlane, type TestStation } from '@pomona/cloud/testing';
import type { PruneReport, Recipe } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { seedPages } from './support/seed-pages.ts';

const executablePath = findChromium();
const screenshots = process.env.POMONA_SCREENSHOTS;
const sizes = [
  { width: 1280, height: 900 },
  { width: 800, height: 1100 },
];

interface Visit {
  /** As in the router. */
  readonly route: string;
  readonly path: string;
  readonly heading: string;
  /** What stands there once everything was read. */
  readonly shows: string | RegExp;
  /** Every button that a viewer cannot press for want of a role. */
  readonly denied: readonly (string | RegExp)[];
}

function visitsOf({ digest, rollout }: { readonly digest: string; readonly rollout: number }): Visit[] {
  const models = ['Promote', 'Calibrate on photographs'];
  return [
    { route: '/', path: '/', heading: 'Overview', shows: 'Last fruits', denied: [] },
    {
      route: '/stations/$station',
      path: '/stations/north',
      heading: 'north',
      shows: /now too little voltage/,
      denied: [],
    },
    {
      route: '/alerts',
      path: '/alerts',
      heading: 'Alerts',
      shows: 'Clean the lens and check the lamp.',
      denied: ['Acknowledge'],
    },
    {
      route: '/recipes',
      path: '/recipes',
      heading: 'Recipes',
      shows: /likeliest grade/,
      denied: ['What would have changed?', 'Make the version'],
    },
    {
      route: '/rollouts',
      path: '/rollouts',
      heading: 'Rollouts',
      shows: 'No. 1',
      denied: [/^Roll out to \d+ stations$/],
    },
    {
      route: '/rollouts/$id',
      path: `/rollouts/${rollout}`,
      heading: `Rollout ${rollout}`,
      shows: 'The candidate would say',
      denied: ['Pause', 'Cancel', 'Roll back'],
    },
    {
      route: '/targets',
      path: '/targets',
      heading: 'Targets',
      shows: 'Bad graded good, at most',
      denied: ['Save as version 1'],
    },
    {
      route: '/labelling',
      path: '/labelling',
      heading: 'Labelling',
      shows: /unsure between/,
      denied: [/^good/, /^ok/, /^bad/, /^Undo/],
    },
    { route: '/samples', path: '/samples', heading: 'Data', shows: 'Graded', denied: [] },
    { route: '/datasets', path: '/datasets', heading: 'Datasets', shows: 'torn.jpg', denied: ['Import'] },
    {
      route: '/datasets/$name/$digest',
      path: `/datasets/orchard-demo/${digest}`,
      heading: 'Datasets',
      shows: 'torn.jpg',
      denied: [],
    },
    {
      route: '/training',
      path: '/training',
      heading: 'Training',
      shows: 'Trainings',
      denied: ['Cancel', 'Train', 'Tune'],
    },
    { route: '/models', path: '/models', heading: 'Models', shows: 'Confusion matrix', denied: models },
    {
      route: '/models/$name/$version',
      path: '/models/apples/2',
      heading: 'Models',
      shows: 'Confusion matrix',
      denied: models,
    },
    { route: '/drift', path: '/drift', heading: 'Drift', shows: /× limit$/, denied: [] },
    {
      route: '/drift/$station',
      path: '/drift/north',
      heading: 'Drift',
      shows: 'Clean the lens and check the lamp.',
      denied: [],
    },
    { route: '/try-it', path: '/try-it', heading: 'Try it', shows: 'apples@3', denied: [] },
    {
      route: '/settings',
      path: '/settings',
      heading: 'Settings',
      shows: /Needs the role admin/,
      denied: ['Change'],
    },
  ];
}

/** They show more or copy a digest or ask a model; nothing is different afterwards. */
const harmless = [
  // What is compared for drift.
  /^(Brightness|Red|Green|Blue|Strength of colour|Colour|Sharpness|Too dark or too bright|Size|Confidence|Doubt|Grades)$/,
  /^Skip/,
  // What there is to label.
  /^(New fruit|Second opinions|Disputed|Quarantined) \d+$/,
  /^Choose a file$/,
  /^Take a photograph$/,
  /^(train|retrain|tune) \d+$/,
  /^Show\b/,
  // Its recipe is read.
  /^[\w-]+ v\d+$/,
  /^Hold the list$/,
  /^[0-9a-f]{8}$/,
];

/** In the page: the cells whose date stands on more than one line. */
const brokenDatesInTables = `[...document.querySelectorAll('td')]
  .filter((cell) => cell.childElementCount === 0 && /^\\d+ \\w+ \\d{4}, \\d\\d:\\d\\d$/.test(cell.textContent))
  .filter((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
  })
  .map((cell) => cell.textContent)`;

describe.skipIf(executablePath === undefined)('every page of the console', () => {
  let running: TestControlPlane;
  let station: TestStation;
  let browser: Browser;
  let page: Page;
  let visits: Visit[];
  const complaints: string[] = [];

  beforeAll(async () => {
    if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });
    running = await startTestControlPlane();
    const seeded = await seedPages(running.plane);
    station = seeded.station;
    visits = visitsOf(seeded);
    browser = await launchChromium(executablePath ?? '');
    page = await openPage(browser, { complaints });
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await station?.end();
    await running?.remove();
  });

  it('is in this test', () => {
    const router = readFileSync(new URL('../cloud/console/src/router.tsx', import.meta.url), 'utf8');
    const routes = [...router.matchAll(/\bpath: '([^']+)'/g)].map(([, route]) => route);
    expect(visits.map(({ route }) => route).toSorted()).toEqual(routes.toSorted());
  });

  it('fits a desk and a tablet, complains of nothing, and offers a viewer no change', async () => {
    const { plane } = running;
    const added = await fetch(`${plane.urls.console}/v1/users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${plane.localToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'vera', password: 'correct horse', role: 'viewer' }),
    });
    expect(added.ok).toBe(true);
    await page.goto(plane.urls.console);
    await page.getByLabel('Name').fill('vera');
    await page.getByLabel('Password').first().fill('correct horse');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('vera, viewer').waitFor();

    for (const { path, heading, shows, denied } of visits) {
      await page.setViewportSize(sizes[0]!);
      await page.goto(plane.urls.console + path);
      await page.getByRole('heading', { name: heading, level: 1, exact: true }).waitFor();
      await page.getByText(shows).first().waitFor({ state: 'attached' });
      for (const size of sizes) {
        await page.setViewportSize(size);
        if (screenshots !== undefined) await picture(page, screenshots, path, size.width);
        const tooWide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        const brokenDates = await page.evaluate(brokenDatesInTables);
        expect({ path, ...size, tooWide, brokenDates }).toEqual({
          path,
          ...size,
          tooWide: 0,
          brokenDates: [],
        });
      }
      const main = page.getByRole('main');
      for (const name of denied) await main.getByRole('button', { name }).first().waitFor();
      const buttons = await main.getByRole('button').evaluateAll((all) =>
        all.map((button) => ({
          name: (button.textContent ?? '').trim() || (button.getAttribute('aria-label') ?? ''),
          disabled: button.hasAttribute('disabled'),
          why: button.getAttribute('title') ?? '',
        })),
      );
      const isDenied = ({ name }: { readonly name: string }) =>
        denied.some((each) => (typeof each === 'string' ? name === each : each.test(name)));
      for (const button of buttons.filter(isDenied))
        expect({ path, ...button }).toEqual({
          path,
          name: button.name,
          disabled: true,
          why: expect.stringMatching(/^Needs the role (operator|admin); you are viewer\.$/),
        });
      const others = buttons.filter((button) => !isDenied(button) && !button.disabled);
      expect({
        path,
        others: others.filter(({ name }) => !harmless.some((each) => each.test(name))),
      }).toEqual({ path, others: [] });
      expect({ path, complaints }).toEqual({ path, complaints: [] });
    }
  }, 90_000);

  it.each([1080, 900, 800, 720])('shows all of its side in a window of %i pixels', async (height) => {
    const { plane } = running;
    const low = await openPage(browser, { complaints });
    await low.setExtraHTTPHeaders({ authorization: `Bearer ${plane.localToken}` });
    await low.setViewportSize({ width: 1280, height });
    await low.goto(plane.urls.console);
    const places = [];
    for (const name of ['Overview', 'Settings']) places.push(low.getByRole('link', { name }).first());
    for (const place of [...places, low.getByText('Live', { exact: true })]) {
      await place.waitFor();
      const { y, height: tall } = (await place.boundingBox())!;
      expect(y + tall).toBeLessThanOrEqual(height);
    }
    const hidden = await low
      .getByRole('navigation')
      .first()
      .evaluate((side) => side.scrollHeight - side.clientHeight);
    expect(hidden).toBe(0);
    await low.close();
  });

  it('tells an operator what another recipe would have changed, and makes a version only for a reason', async () => {
    const { plane } = running;
    const operator = await openPage(browser, { complaints });
    await operator.setExtraHTTPHeaders({ authorization: `Bearer ${plane.localToken}` });
    await operator.goto(`${plane.urls.console}/recipes`);
    const document = operator.getByLabel('The recipe, as JSON');
    await operator.getByLabel('Start from').selectOption('good-ok-bad');
    const { costs } = JSON.parse(await document.inputValue()) as Recipe;
    expect(costs?.bad?.good).toBe(8);
    await operator.getByRole('button', { name: 'What would have changed?' }).click();
    // The seeded fruit was not measured, and the recipe asks how far it turned.
    await operator.getByText(/^30 fruits,.*Not judged: \d+ fruits? without what it asks for/).waitFor();
    const recipe = JSON.parse(await document.inputValue()) as Recipe;
    await document.fill(JSON.stringify({ ...recipe, rules: [], ceilings: [] }));
    await operator.getByRole('button', { name: 'What would have changed?' }).click();
    await operator.getByText(/of 30$/).waitFor();
    const make = operator.getByRole('button', { name: 'Make the version' });
    expect(await make.isDisabled()).toBe(true);
    if (screenshots !== undefined)
      for (const { width, height } of sizes) {
        await operator.setViewportSize({ width, height });
        await picture(operator, screenshots, '/recipes-tried', width);
      }
    await document.fill('{');
    await operator.getByText(/This is no JSON/).waitFor();
    expect(await operator.getByRole('button', { name: 'What would have changed?' }).isDisabled()).toBe(true);
    await operator.close();
  }, 60_000);

  it('shows an admin which versions would go and why the others stay, before any goes', async () => {
    const { plane } = running;
    const admin = await openPage(browser, { complaints });
    await admin.setExtraHTTPHeaders({ authorization: `Bearer ${plane.localToken}` });
    // The seeded versions have no files to look at.
    const asked: string[] = [];
    await admin.route('**/v1/models/prune', (route) => {
      asked.push(`${route.request().method()} ${route.request().postData() ?? ''}`);
      const gone = { name: 'apples', version: 1, verdict: 'remove' } as const;
      const kept = { name: 'apples', version: 3, verdict: 'keep' } as const;
      const rule = { keepVersions: 5, keepVersionDays: 30 };
      const done = route.request().method() === 'POST';
      const report: PruneReport = {
        ...{
          done,
          rule,
          versions: [
            { ...gone, why: ['nobody needs it'] },
            { ...kept, why: ['station north is to run it'] },
          ],
        },
        ...{ freedFiles: 4, freedBytes: 1_430_000 },
      };
      return route.fulfill({ json: report });
    });
    await admin.goto(`${plane.urls.console}/models`);
    await admin.getByRole('button', { name: 'What would go?' }).click();
    const pruning = admin.getByRole('region', { name: 'Pruning' });
    await pruning.getByText('station north is to run it').waitFor();
    if (screenshots !== undefined) await picture(admin, screenshots, '/models-pruning', 1280);
    const remove = pruning.getByRole('button', { name: 'Remove 1 version' });
    expect(await remove.isDisabled()).toBe(true);
    await pruning.getByLabel('Reason, for the log').fill('the season is over');
    await remove.click();
    await pruning.getByText('Freed 1.4 MB in 4 files.').waitFor();
    expect(asked).toEqual(['GET ', 'POST {"reason":"the season is over"}']);
    expect(await remove.count()).toBe(0);
    expect(complaints).toEqual([]);
    await admin.close();
  }, 60_000);
});

/** Of the whole page, however long it is. */
async function picture(page: Page, folder: string, path: string, width: number): Promise<void> {
  const name = path === '/' ? 'overview' : path.slice(1).replaceAll('/', '-').slice(0, 40);
  await page.screenshot({ path: join(folder, `${name}-${width}.png`), fullPage: true });
}
