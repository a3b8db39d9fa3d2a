/**
 * The project's targets, and what a model is held against, in a real browser on a real control plane. `POMONA_SCREENSHOTS` names a
 * folder for pictures.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTestControlPlane, type TestControlPlane, type TestStation } from '@pomona/cloud/testing';
import {
  defaultShadowPlan,
  type JobView,
  type LeaveOutReport,
  type ModelEvaluation,
  type ProjectView,
} from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { seedPages } from './support/seed-pages.ts';

const executablePath = findChromium();
const screenshots = process.env.POMONA_SCREENSHOTS;

describe.skipIf(executablePath === undefined)('targets and checks in the console', () => {
  let running: TestControlPlane;
  let station: TestStation;
  let browser: Browser;
  const complaints: string[] = [];

  beforeAll(async () => {
    if (screenshots !== undefined) mkdirSync(screenshots, { recursive: true });
    running = await startTestControlPlane();
    station = (await seedPages(running.plane)).station;
    await running.plane.stores.models.setAlias({
      ...{ name: 'apples', alias: 'champion', version: 3, actor: 'ann', reason: 'the best so far' },
      ...{ detail: 'by hand', atMs: Date.now() },
    });
    const [dataset] = consoleAnswers().datasets;
    const larger = { name: 'larger', digest: 'e'.repeat(64), inputSize: 96 };
    await running.plane.stores.datasets.save({ ...dataset!, ...larger });
    browser = await launchChromium(executablePath ?? '');
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    await station?.end();
    await running?.remove();
  });

  async function adminAt(path: string): Promise<Page> {
    const page = await openPage(browser, { complaints });
    await page.setExtraHTTPHeaders({ authorization: `Bearer ${running.plane.localToken}` });
    await page.goto(running.plane.urls.console + path);
    return page;
  }

  it('says in words what is wanted and what the champion reaches, and sets all of it', async () => {
    const page = await adminAt('/targets');
    await page.getByText('nobody set any: the defaults hold').waitFor();
    await page
      .getByLabel('Version that is held')
      .locator('option:checked', { hasText: 'champion' })
      .waitFor({ state: 'attached' });
    // 382 + 3 + 17 truly bad, 3 of them graded good.
    await page.getByText('0.7 % within').waitFor();
    await page.getByText(/apples@3, least of bad/).waitFor();
    await page.getByLabel('Found of bad, at least').fill('98');
    await page.getByText(/95\.0 % misses it/).waitFor();
    await page.getByLabel('Bad graded good, at most').fill('0.5');
    await page.getByLabel('Cost of bad graded good').fill('20');
    await page.getByLabel('Size of a release, at most').fill('8');
    await page.getByLabel('Sharpness, at least').fill('6');
    await page.getByText('Retrain without asking').scrollIntoViewIfNeeded();
    await page.getByRole('switch', { name: 'Retrain without asking' }).check({ force: true });
    await page.getByRole('checkbox', { name: /Shadow first/ }).check();
    await page.getByLabel('Fruits at each').fill('300');
    await page.getByText('Shadow of retrainings: fruits at each: not set → 300').waitFor();
    await page.getByRole('textbox', { name: 'The problem' }).fill('Grade Gala at the north shed.');
    await page.getByText('Found of bad, at least: not set → 98.0 %').waitFor();
    if (screenshots !== undefined) await picture(page, 'targets-edited');
    await page.setViewportSize({ width: 800, height: 1000 });
    const save = page.getByRole('button', { name: 'Save as version 1' });
    expect(await save.evaluate((button) => button.scrollWidth - button.clientWidth)).toBe(0);
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByLabel('Reason of the change').fill('the north shed is stricter');
    await page.getByRole('button', { name: 'Save as version 1' }).click();
    await page.getByRole('button', { name: 'Save as version 2' }).waitFor();
    await page.getByRole('cell', { name: 'the north shed is stricter' }).waitFor();
    await page.getByText(/Sharpness, at least: 2 → 6/).waitFor();
    const { targets, reason } = await read<ProjectView>('/v1/project');
    expect(reason).toBe('the north shed is stricter');
    expect(targets).toMatchObject({
      ...{ problem: 'Grade Gala at the north shed.', recallFloors: { bad: 0.98 }, maxBadAsGood: 0.005 },
      ...{ costs: { bad: { good: 20 } }, maxReleaseBytes: 8_000_000, autoApproveRetraining: true },
      imageLimits: { minSharpness: 6, minLuma: 20 },
      retrainShadow: { ...defaultShadowPlan, fruitsMin: 300 },
    });
    if (screenshots !== undefined) await picture(page, 'targets-saved');
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  it('does not overwrite what somebody else set meanwhile: it says what that was, and asks', async () => {
    const page = await adminAt('/targets');
    await page.getByLabel('Bad graded good, at most').fill('0.4');
    await page.getByLabel('Right over all grades, at least').fill('91');
    const { stores } = running.plane;
    const { targets, version } = await stores.project.read();
    await stores.project.write({ ...targets, minMacroF1: 0.97, minRecall: 0.85 }, 'ben', Date.now());
    await page.getByRole('button', { name: `Save as version ${version + 1}` }).click();
    const notice = page.getByRole('alert');
    await notice.getByText(/^ben changed the targets while you did \(version/).waitFor();
    await notice.getByText('Found of each grade, at least: 80.0 % → 85.0 %').waitFor();
    await notice
      .getByText(/You both changed: Right over all grades, at least \(theirs 97.0 %, yours 91.0 %\)\./)
      .waitFor();
    if (screenshots !== undefined) await picture(page, 'targets-conflict');
    const save = page.getByRole('button', { name: `Save as version ${version + 2}` });
    expect(await save.isDisabled()).toBe(true);
    expect((await stores.project.read()).version).toBe(version + 1);
    await notice.getByRole('button', { name: 'Put mine on top' }).click();
    await save.click();
    await page.getByRole('button', { name: `Save as version ${version + 3}` }).waitFor();
    expect((await stores.project.read()).targets).toMatchObject({
      ...{ minMacroF1: 0.91, minRecall: 0.85, maxBadAsGood: 0.004 },
    });
    // Leaving it leaves nothing of the refusal behind.
    await page.getByLabel('Bad graded good, at most').fill('0.3');
    const newest = await stores.project.read();
    await stores.project.write({ ...newest.targets, minRecall: 0.86 }, 'ben', Date.now());
    await page.getByRole('button', { name: `Save as version ${newest.version + 1}` }).click();
    await notice.getByText(/^ben changed the targets while you did/).waitFor();
    await page.getByRole('button', { name: 'Leave it', exact: true }).click();
    await page.getByText('Nothing is changed.').waitFor();
    expect(await notice.count()).toBe(0);
    // The browser tells of the refusal itself.
    expect(complaints.splice(0).filter((text) => !text.includes('412'))).toEqual([]);
    await page.close();
  }, 60_000);

  it('starts a calibration, an evaluation and leaving groups out, and shows what came of them', async () => {
    const { stores } = running.plane;
    const [dataset] = consoleAnswers().datasets;
    const page = await adminAt('/models/apples/3');
    const panel = page.getByRole('region', { name: 'Calibrate and evaluate' });
    // Crops that do not fit are not offered.
    await panel.getByText(/Its crops have a side of 64 pixels/).waitFor();
    const offered = await panel.getByLabel('Dataset').locator('option').allTextContents();
    expect(offered).toEqual([expect.stringMatching(/^orchard-demo .*, 64 px$/)]);
    const asked: unknown[] = [];
    await page.route('**/v1/jobs/*', async (route) => {
      asked.push([new URL(route.request().url()).pathname, route.request().postDataJSON()]);
      await route.continue();
    });
    for (const what of ['Calibrate on photographs', 'Evaluate on a dataset', 'Leave one group out']) {
      await panel.getByLabel('What to do').selectOption({ label: what });
      if (what.startsWith('Calibrate')) await panel.getByLabel('Reason, for the log').fill('new lamp');
      if (what.startsWith('Evaluate')) await panel.getByLabel('Images of it').selectOption('all');
      if (what.startsWith('Leave')) await panel.getByLabel('Leave out each').selectOption('variety');
      const answered = page.waitForResponse((response) => response.request().method() === 'POST');
      await panel.getByRole('button', { name: what }).click();
      expect((await answered).status()).toBe(202);
    }
    const named = { model: 'apples@3', dataset: `${dataset!.name}@${dataset!.digest}` };
    expect(asked).toEqual([
      ['/v1/jobs/calibrate', { ...named, reason: 'new lamp' }],
      ['/v1/jobs/evaluate', { ...named, split: 'all' }],
      ['/v1/jobs/leave-out', { ...named, by: 'variety' }],
    ]);
    const jobs = await read<JobView[]>('/v1/jobs');
    expect(jobs.slice(0, 3).map(({ kind }) => kind)).toEqual(['evaluate', 'evaluate', 'calibrate']);
    expect(complaints).toEqual([]);

    const done = async (request: object, result: object) => {
      const id = await stores.jobs.add({ kind: 'evaluate', actor: 'ann', request }, 'running', Date.now());
      await stores.jobs.setResult(id, result);
      await stores.jobs.end(id, 'done', null, Date.now());
      return String(id);
    };
    const evaluation = await done({ model: { name: 'apples', version: 3 }, dataset }, judged());
    const groups = await done({ by: 'variety', network: 'sequential', dataset }, leftOut());
    await page.reload();
    await panel.getByLabel('What came of it').selectOption(evaluation);
    await panel.getByText('It learned from 12 of them, which flatters.').waitFor();
    await panel.getByRole('rowheader', { name: 'bad' }).first().waitFor();
    if (screenshots !== undefined) await picture(page, 'checks-evaluated');
    await panel.getByLabel('What came of it').selectOption(groups);
    await panel
      .getByRole('row', { name: 'russet 40 62.5 % (40.9 % to 80.0 %) 50.0 % (29.9 % to 70.1 %)' })
      .waitFor();
    await panel.getByText(/quince \(without it fewer than two grades are left/).waitFor();
    if (screenshots !== undefined) await picture(page, 'checks-left-out');
    expect(complaints).toEqual([]);
    await page.close();
  }, 60_000);

  it('keeps long names and digests of a version in their places', async () => {
    const model = consoleAnswers().models[1]!;
    const digest = 'ab12'.repeat(16);
    await running.plane.stores.models.save(
      {
        ...{ ...model, version: 4, digest, weightsDigest: digest },
        parameters: { 'augmentation.whiteBalance': 0.1, 'adam.averagedStepsOfTheOptimizer': 200 },
      },
      {
        ...{ at: new Date().toISOString(), actor: 'ann', action: 'trained 4', reason: 'a try' },
        detail: `${digest}, job 9; no gate failed`,
      },
    );
    for (const width of [1280, 800]) {
      const page = await adminAt('/models/apples/4');
      await page.setViewportSize({ width, height: 1000 });
      await page.getByText('trained 4, a try (ab12ab12, job 9; no gate failed)').waitFor();
      const tooWide = await page
        .locator('dt, dd, li')
        .evaluateAll((all) =>
          all.filter((each) => each.scrollWidth > each.clientWidth + 1).map((each) => each.textContent),
        );
      expect({ width, tooWide }).toEqual({ width, tooWide: [] });
      if (screenshots !== undefined)
        await page.screenshot({ path: join(screenshots, `model-long-${width}.png`), fullPage: true });
      await page.close();
    }
  }, 60_000);

  async function read<T>(path: string): Promise<T> {
    const { plane } = running;
    const headers = { authorization: `Bearer ${plane.localToken}` };
    return (await (await fetch(plane.urls.console + path, { headers })).json()) as T;
  }
});

function judged(): ModelEvaluation {
  const model = consoleAnswers().models[1]!;
  return {
    ...{ model: { name: 'apples', version: 3 }, labels: model.labels, dataset: model.dataset, split: 'all' },
    ...{ evaluation: model.evaluation, seenImages: 12 },
  };
}

function leftOut(): LeaveOutReport {
  const fold = { groups: 3, learnedFrom: 60, run: null, reused: false, accuracyInterval: null };
  const perClass = (recall: number) => [{ label: 'bad', cases: 20, recall, recallInterval: null }];
  return {
    ...{ by: 'variety', dataset: consoleAnswers().models[1]!.dataset, network: 'sequential', seed: 42 },
    folds: [
      { ...fold, value: 'gala', images: 60, accuracy: 0.9, perClass: perClass(0.85) },
      { ...fold, value: 'russet', images: 40, accuracy: 0.625, perClass: perClass(0.5) },
    ],
    notHeldOut: [
      { value: 'quince', images: 5, why: 'without it fewer than two grades are left to learn from' },
    ],
    unknownImages: 4,
    pooled: { cases: 100, accuracy: 0.79, accuracyInterval: null, balancedAccuracy: 0.75, confusion: [] },
    recallGaps: [],
  };
}

/** As at a desk and on a tablet. */
async function picture(page: Page, name: string): Promise<void> {
  for (const width of [1280, 800]) {
    await page.setViewportSize({ width, height: 1000 });
    await page.screenshot({ path: join(screenshots ?? '', `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}
