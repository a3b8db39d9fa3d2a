/** Labelling by keys, in a real browser. */
import type { SampleView } from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();
const labels = ['bad', 'good', 'ok'];

function sample(id: number, top: number, change: Partial<SampleView> = {}): SampleView {
  const at = new Date().toISOString();
  return {
    ...{ id, site: 'demo', line: 'line-1', station: 'north', at, receivedAt: at, labels, size: 64, views: 7 },
    photograph: null,
    release: { name: 'apples', version: 3, digest: 'c0ffee'.padEnd(64, '0') },
    reason: 'uncertain',
    fruit: { boot: '00112233aabbccdd', seq: id, lane: 0, grade: 'good', positionMm: 12 },
    probabilities: [0.1, top, 0.9 - top],
    uncertainty: 1 - top,
    pixels: 'ab'.repeat(32),
    label: null,
    labelledAt: null,
    labelledBy: null,
    ...{ review: 'none', second: null, viewVotes: null, candidate: null },
    queue: { score: 0.5, why: ['unsure between good and ok', 'the fruit of north on line-1 changed'] },
    ...change,
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
    await page.getByText('unsure between good and ok; the fruit of north on line-1 changed').waitFor();
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

  it('keeps the fruit that somebody looks at when the order changes', async () => {
    await page.goto(`${server.url}/labelling`);
    const picture = (id: number) => page.getByAltText(`7 views of fruit ${id} of north`);
    await picture(1).waitFor();
    server.answers.samples = [sample(9, 0.45), ...server.answers.samples!];
    await page.keyboard.press('s');
    await picture(2).waitFor();
    await page.keyboard.press('1');
    await page.getByText('3 left').waitFor();
    await picture(3).waitFor();
    await page.keyboard.press('1');
    await picture(9).waitFor();
    expect(given()).toEqual([null, null, 'good', 'good']);
    expect(complaints).toEqual([]);
  });

  it('asks a second person without telling what was said or thought, and a third where two differ', async () => {
    const said = { label: 'good', labelledBy: 'ben', labelledAt: new Date().toISOString() };
    const second = { label: 'bad', by: 'cleo' };
    server.answers.samples = [
      sample(1, 0.46, { ...said, review: 'wanted' }),
      sample(2, 0.5, { ...said, review: 'disputed', second }),
      sample(3, 0.5, { ...said, review: 'disputed', second }),
    ];
    await page.goto(`${server.url}/labelling`);
    const picture = (id: number) => page.getByAltText(`7 views of fruit ${id} of north`);
    await page.getByRole('button', { name: 'Second opinions 1' }).click();
    await picture(1).waitFor();
    expect(await page.getByText('The model thought').count()).toBe(0);
    expect(await page.getByText('ben').count()).toBe(0);
    await page.keyboard.press('1');
    await page.getByText('No fruit waits for your opinion.').waitFor();
    expect(server.answers.samples[0]).toMatchObject({ review: 'agreed', second: { label: 'good' } });
    await page.getByRole('button', { name: 'Disputed 2' }).click();
    await picture(2).waitFor();
    await page.getByText('ben said').waitFor();
    await page.getByText('cleo said').waitFor();
    await page.keyboard.press('2');
    await picture(3).waitFor();
    await page.keyboard.press('x');
    await page.getByText('No two people differ.').waitFor();
    expect(server.answers.samples.map(({ label, review }) => [label, review])).toEqual([
      ['good', 'agreed'],
      ['ok', 'settled'],
      ['good', 'unresolved'],
    ]);
    expect(complaints).toEqual([]);
  });

  it('shows a photograph with what is known of it, apart from those in quarantine, which a grade takes', async () => {
    const photograph = {
      ...{ dataset: 'box', path: 'monday/7.jpg', group: 'monday', original: 'cd'.repeat(32) },
      ...{ about: { variety: 'Elstar' }, refused: null },
    };
    const ofNone = { site: null, line: null, station: null, release: null, fruit: null, probabilities: [] };
    const kind = { ...ofNone, reason: 'photograph', views: 1, photograph } as const;
    const dark = { ...photograph, path: 'monday/8.jpg', refused: 'it is too dark' };
    server.answers.samples = [sample(1, 0.5, kind), sample(2, 0.5, { ...kind, photograph: dark })];
    server.answers.photographs = [
      { dataset: 'box', photographs: 2, labelled: 0, unlabelled: 1, disputed: 0, quarantined: 1 },
    ];
    await page.goto(`${server.url}/labelling`);
    await page.getByAltText('The fruit of monday/7.jpg').waitFor();
    await page.getByAltText('monday/7.jpg', { exact: true }).waitFor();
    await page.getByText('variety Elstar').waitFor();
    expect(await page.getByText('The model thought').count()).toBe(0);
    await page.keyboard.press('1');
    await page.getByText('No fruit waits for a label.').waitFor();
    await page.getByRole('button', { name: 'Quarantined 1' }).click();
    await page.getByText('it is too dark').waitFor();
    await page.keyboard.press('3');
    await page.getByText('No photograph is in quarantine.').waitFor();
    expect(given()).toEqual(['good', 'bad']);
    await page.goto(`${server.url}/samples`);
    await page.getByRole('button', { name: 'Show history' }).first().click();
    await page.getByText('Is it something else?').waitFor();
    await page.getByRole('button', { name: 'bad', exact: true }).click();
    await expect.poll(given).toEqual(['bad', 'bad']);
    expect(complaints).toEqual([]);
  });

  it('says how far people agree, and lists the samples by their label with what was said of them', async () => {
    server.answers.samples![1]!.label = 'ok';
    const words = 'ann and ben agree on 46 of 50 fruits (92 %), very well';
    const figures = {
      ...{ fruits: 50, agreed: 46, kappa: 0.87, verdict: 'very-good' as const, words },
      interval: [0.71, 0.94] as [number, number],
      mostly: { grades: ['good', 'ok'] as [string, string], fruits: 3 },
    };
    server.answers.agreement = {
      fruitsMin: 30,
      overall: figures,
      pairs: [{ people: ['ann', 'ben'], ...figures }],
    };
    const entry = { kind: 'label', source: 'operator-page', before: null } as const;
    server.answers.history = [
      { ...entry, at: new Date().toISOString(), actor: 'line-operator', label: 'ok' },
    ];
    await page.goto(`${server.url}/labelling`);
    await page.getByText(words).waitFor();
    await page.getByRole('cell', { name: '0.87 (0.71 to 0.94)' }).waitFor();
    await page.goto(`${server.url}/samples`);
    await page.getByText('1 labelled, 2 not').waitFor();
    await page.getByRole('button', { name: 'Show history' }).nth(1).click();
    await page.getByText('line-operator said ok').waitFor();
    await page.getByRole('button', { name: 'Hide history' }).click();
    const rows = page.getByRole('region', { name: 'Samples' }).locator('tbody tr');
    expect(await rows.count()).toBe(3);
    await page.getByLabel('Label').selectOption('labelled');
    await expect.poll(() => rows.count()).toBe(1);
    expect(complaints).toEqual([]);
  });
});
