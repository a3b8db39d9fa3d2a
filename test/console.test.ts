/** The built console in a real browser, against routes that answer what the test says. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers, fruit, overview, station, withMore } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

describe.skipIf(executablePath === undefined)('the console', () => {
  let browser: Browser;
  let server: ConsoleServer;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    server = new ConsoleServer(consoleAnswers());
    await server.start();
    complaints = [];
    page = await openPage(browser, { complaints });
  });
  afterEach(async () => {
    await page.close();
    await server.stop();
  });

  const panel = (name: string): Locator => page.getByRole('region', { name, exact: true });
  const row = (within: Locator, name: string): Locator => within.getByRole('row').filter({ hasText: name });
  const cellsOf = async (of: Locator): Promise<string[]> =>
    (await of.locator('th, td').allInnerTexts()).map((text) => text.replace(/\s+/g, ' ').trim());
  const open = async (path: string): Promise<void> => {
    await page.goto(server.url + path);
    await page.getByText('Live', { exact: true }).waitFor();
  };

  it('shows on the overview what the lines do', async () => {
    await open('/');
    const grading = panel('Grading');
    await grading.getByText('12,340').waitFor();
    await grading.getByText('9.8').waitFor();
    expect(await grading.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/good\s+70\.0 %\s+8,638/),
      expect.stringMatching(/ok\s+20\.0 %\s+2,468/),
      expect.stringMatching(/bad\s+10\.0 %\s+1,234/),
    ]);
    expect(await cellsOf(row(panel('Stations'), 'north'))).toEqual([
      'north demo / line-1',
      expect.stringMatching(/^Online seen (just now|\d s ago)$/),
      'apples v3 c0ffee00 Active',
      '4.9',
      '49 ms',
      '0',
      '182 MB',
      '17',
    ]);
    expect((await cellsOf(row(panel('Stations'), 'south')))[2]).toContain(
      'Fetching apples v4 · 25.0 % of 1.4 MB',
    );
    expect(await cellsOf(panel('Last fruits').getByRole('row').nth(1))).toEqual([
      'good',
      '94.3 %',
      '1',
      'north',
      '23 ms',
    ]);
    await page.getByText('7 messages rejected').click();
    await page.getByRole('cell', { name: 'too large' }).waitFor();
    await page
      .getByRole('img', { name: 'Fruits of the last five minutes by grade: good 40, ok 0, bad 0' })
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows fruits and stations as they come, without asking again', async () => {
    await open('/');
    await panel('Grading').getByText('12,340').waitFor();
    const receivedAt = new Date(Date.now() + 1_000).toISOString();
    server.push({
      kind: 'fruits',
      fruits: [fruit(4, { grade: 'bad', probabilities: [0.777, 0.1, 0.123], receivedAt })],
    });
    await panel('Last fruits').getByText('77.7 %').waitFor();
    expect(await cellsOf(panel('Last fruits').getByRole('row').nth(1))).toEqual([
      'bad',
      '77.7 %',
      '1',
      'north',
      '23 ms',
    ]);
    server.push({
      kind: 'station',
      station: withMore(station('south', { fetchedBytes: 1_072_500 }), 'bad', 2),
    });
    await panel('Stations').getByText('75.0 % of 1.4 MB').waitFor();
    await panel('Grading').getByText('12,342').waitFor();
    await panel('Grading').getByText('1,236').waitFor();
    await page
      .getByRole('img', { name: 'Fruits of the last five minutes by grade: good 40, ok 0, bad 2' })
      .waitFor();
    expect(complaints).toEqual([]);
  });

  it('redraws at most four times a second under a storm of events', async () => {
    await open('/');
    await panel('Grading').getByText('12,340').waitFor();
    await page.evaluate(`{
      window.redraws = 0;
      const total = [...document.querySelectorAll('dd span')].find((span) => span.textContent === '12,340');
      new MutationObserver(() => { window.redraws += 1; }).observe(total, { characterData: true, childList: true, subtree: true });
    }`);
    const beganMs = performance.now();
    for (let i = 1; i <= 200; i++) {
      server.push({ kind: 'station', station: withMore(station('north'), 'good', i) });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await panel('Grading').getByText('12,540').waitFor();
    const redraws = Number(await page.evaluate('window.redraws'));
    expect(redraws).toBeGreaterThan(1);
    expect(redraws).toBeLessThanOrEqual(Math.ceil((performance.now() - beganMs) / 250) + 1);
  });

  it('says that it is out of date when the connection is lost, and catches up by itself', async () => {
    await open('/');
    await panel('Grading').getByText('12,340').waitFor();
    await server.stop();
    const banner = page.getByText('Connection to the control plane lost');
    await banner.waitFor();
    await page.getByText('Not live', { exact: true }).waitFor();
    await panel('Grading').getByText('12,340').waitFor();
    server.answers.overview = { ...server.answers.overview, at: new Date().toISOString(), fruits: 55_555 };
    await server.start();
    await panel('Grading').getByText('55,555').waitFor();
    await banner.waitFor({ state: 'detached' });
    const unexpected = complaints.filter((text) => !text.includes('net::ERR_'));
    expect(unexpected).toEqual([]);
  });

  it('shows of a station what it should run, what it runs and how it fares', async () => {
    await open('/');
    await panel('Stations').getByRole('link', { name: 'south' }).click();
    await page.getByRole('heading', { name: 'south', level: 1 }).waitFor();
    const desired = panel('Desired and reported');
    await desired.getByText('has not heard the latest order').waitFor();
    expect(await cellsOf(row(desired, 'Release'))).toEqual([
      'Release',
      'apples v4 decade00',
      'apples v3 c0ffee00',
    ]);
    expect(await cellsOf(row(desired, 'Order'))).toEqual(['Order', 'no. 8', 'no. 7 heard']);
    expect(await panel('Health').textContent()).toContain('Missed deadlines2look here< 0.1 % of fruits');
    await panel('Health').getByText('2 h 1 min').waitFor();
    await panel('Device').getByText('Test board').waitFor();
    await panel('Last fruits').getByText('No fruit yet.').waitFor();
    const receivedAt = new Date(Date.now() + 1_000).toISOString();
    server.push({
      kind: 'fruits',
      fruits: [fruit(8, { station: 'south', receivedAt }), fruit(9, { receivedAt })],
    });
    await panel('Last fruits').getByText('94.3 %').waitFor();
    expect(await panel('Last fruits').getByRole('row').count()).toBe(2);
    await panel('Last fruits').getByRole('img', { name: 'good 94.3 %, ok 4.7 %, bad 1.0 %' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows the newest model with its evaluation, and an older one when asked', async () => {
    await open('/models');
    await panel('apples v3').getByText('96.2 %').waitFor();
    await panel('apples v3').getByText('2.1 %').waitFor();
    expect(await cellsOf(row(panel('Versions'), 'apples v3'))).toContain('143 kB');
    const confusion = panel('Confusion matrix');
    expect(await cellsOf(confusion.locator('tbody tr').nth(0))).toEqual([
      'Truth good',
      '801 98.2 %',
      '14 1.7 %',
      '1 0.1 %',
      '816',
    ]);
    expect(await cellsOf(row(panel('By grade'), 'ok'))).toEqual([
      ...['ok', '93.6 %', '–', '93.7 %', '–', '–', '482'],
    ]);
    expect(await cellsOf(panel('By group').getByRole('row').nth(1))).toEqual(['russet', '200', '87.1 %']);
    expect(await panel('Made from').textContent()).toContain('learningRate0.001');
    expect(await panel('Reached').getByRole('listitem').allInnerTexts()).toEqual([
      'apples v4 went on from apples@3',
    ]);
    expect((await cellsOf(row(panel('Reached'), 'north'))).slice(0, 2)).toEqual([
      'demo / line-1 / north',
      'apples v3 int8',
    ]);
    await panel('Versions').getByRole('link', { name: 'apples v2' }).click();
    await panel('apples v2').getByText('90.0 %').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a dataset with its balance, splits and what was kept out', async () => {
    await open('/datasets');
    const balance = panel('orchard-demo').getByRole('listitem');
    expect((await balance.allInnerTexts())[0]).toMatch(/good\s+55\.0 %\s+6,600/);
    expect(await cellsOf(row(panel('Splits'), 'train'))).toEqual(['train', '8,400', '70.0 %', '1,400']);
    expect(await cellsOf(row(panel('Quarantined'), 'torn'))).toEqual([
      'bad/torn.jpg',
      'ends before its data does',
    ]);
    expect(await cellsOf(row(panel('Left out'), 'unripe'))).toEqual(['unripe', '112']);
    expect(complaints).toEqual([]);
  });

  it('says what to do when there is nothing yet', async () => {
    Object.assign(server.answers, {
      overview: { ...overview([]), fruits: 0, grades: [], recent: [], rejectedMessages: [] },
      fruits: [],
      models: [],
      datasets: [],
    });
    await open('/');
    await page.getByText('pnpm pomona station enrol SITE/LINE/STATION').waitFor();
    server.push({ kind: 'station', station: station('north') });
    await row(panel('Stations'), 'north').waitFor();
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByText('pnpm pomona train').waitFor();
    await page.getByRole('link', { name: 'Datasets' }).click();
    await page.getByText('pnpm pomona dataset import').waitFor();
    expect(complaints).toEqual([]);
  });

  it('passes on what the control plane says of a failure', async () => {
    server.answers.problem = {
      code: 'STORE_BUSY',
      message: 'The store is busy.',
      hint: 'Wait for the backup to end.',
    };
    await page.goto(`${server.url}/models`);
    await page.getByRole('alert').getByText('Wait for the backup to end.').waitFor();
    // The page asks again by itself too, and an answer to that would take the button away before it is pressed.
    let press = (): void => undefined;
    const pressed = new Promise<void>((resolve) => {
      press = resolve;
    });
    await page.route('**/v1/models', async (route) => {
      await pressed;
      await route.continue();
    });
    delete server.answers.problem;
    await page.getByRole('button', { name: 'Try again' }).click();
    press();
    await panel('apples v3').waitFor();
  });

  it('knows an address that it does not have, and a station that is not there', async () => {
    await open('/nowhere');
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
    await open('/rollouts/first');
    await page.getByRole('heading', { name: 'No such page' }).waitFor();
    await open('/stations/nobody');
    await page.getByRole('alert').getByText('There is no nobody.').waitFor();
  });

  it.each(['/', '/stations/north', '/models', '/datasets'])('fits a tablet and a desk: %s', async (path) => {
    await open(path);
    await page.getByRole('region').first().waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [768, 1280]) {
        await page.setViewportSize({ width, height: 900 });
        const tooWide = await page.evaluate(
          'document.documentElement.scrollWidth - document.documentElement.clientWidth',
        );
        expect(`${colorScheme} at ${width}: ${tooWide} px too wide`).toBe(
          `${colorScheme} at ${width}: 0 px too wide`,
        );
      }
    }
    expect(complaints).toEqual([]);
  });

  it('can be walked by keyboard, and keeps the colours that were chosen', async () => {
    await open('/');
    await page.keyboard.press('Tab');
    await page.getByRole('link', { name: 'Skip to the page' }).and(page.locator(':focus')).waitFor();
    await page.getByRole('button', { name: 'Use dark colours' }).press('Enter');
    await page.getByRole('button', { name: 'Use light colours' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Use light colours' }).waitFor();
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe('dark');
    await page.getByRole('link', { name: 'Datasets' }).press('Enter');
    await page.getByRole('heading', { name: 'Datasets', level: 1 }).waitFor();
    expect(complaints).toEqual([]);
  });
});
