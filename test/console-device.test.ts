/** What the page of a station says of its device, in a real browser. */
import type { StationView } from '@pomona/wire';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers, overview, station } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();
const release = (version: number) => ({ name: 'apples', version, digest: `${version}`.repeat(64) });

function onProbation(view: StationView): StationView {
  const reported = view.reported!;
  return {
    ...view,
    health: {
      ...view.health!,
      certificate: { endsAt: '2027-03-12T12:00:00.000Z', trouble: 'no way. Open it.' },
    },
    reported: {
      ...reported,
      update: { ...reported.update, state: 'probation', release: release(4) },
      running: { ...reported.running!, release: release(4) },
      slots: [
        { name: 'a', release: release(3), state: 'previous' },
        { name: 'b', release: release(4), state: 'running' },
      ],
      probation: { until: new Date(Date.now() + 45_000).toISOString(), fruits: 50 },
      refused: [release(2).digest],
    },
  };
}

describe.skipIf(executablePath === undefined)('the device of a station', () => {
  const server = new ConsoleServer({
    ...consoleAnswers(),
    overview: overview([onProbation(station('north')), station('south')]),
  });
  let browser: Browser;

  beforeAll(async () => {
    await server.start();
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  /** Name and value of each fact, white space joined. */
  async function factsOf(name: string, width: number): Promise<Record<string, string>> {
    const page = await openPage(browser, { width });
    await page.goto(`${server.url}/stations/${name}`);
    const panel = page.getByRole('region', { name: 'Device', exact: true });
    await panel.getByText('Refused').waitFor();
    const terms = await panel.locator('dt').allInnerTexts();
    const values = await panel.locator('dd').allInnerTexts();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    if (process.env.POMONA_SCREENSHOTS)
      await page.screenshot({
        path: `${process.env.POMONA_SCREENSHOTS}/device-${name}-${width}.png`,
        fullPage: true,
      });
    await page.close();
    return Object.fromEntries(terms.map((term, i) => [term, (values[i] ?? '').split(/\s+/).join(' ')]));
  }

  it('names its slots, its probation and what it refuses, and fits a tablet', async () => {
    for (const width of [1280, 800])
      expect(await factsOf('north', width)).toMatchObject({
        'Slot A': 'apples v3 33333333 ran before',
        'Slot B': 'apples v4 44444444 runs',
        Probation: expect.stringMatching(/^until \d\d:\d\d:\d\d, or 50 fruits in time$/),
        Refused: '22222222',
        Certificate: 'good until 12 Mar 2027 No new one comes: no way. Open it.',
      });
  });

  it('says little of an agent that tells nothing of it', async () => {
    const facts = await factsOf('south', 1280);
    expect(facts).toMatchObject({ Probation: '–', Refused: '–', Certificate: '–' });
    expect(Object.keys(facts)).not.toContain('Slot A');
  });
});
