/** What the console says of a model that was judged on next to nothing, in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

/** All of four images right, with the bounds that drawing those four anew finds. */
function judgedOnFour(): ReturnType<typeof consoleAnswers> {
  const answers = consoleAnswers();
  const model = answers.models[1]!;
  const sure: [number, number] = [1, 1];
  const right = { precision: 1, recall: 1, f1: 1, precisionInterval: sure, recallInterval: sure };
  model.evaluation = {
    ...model.evaluation,
    ...{ unit: 'image', images: 4, groups: 4, accuracy: 1, balancedAccuracy: 1, macroF1: 1 },
    confusion: [
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 1],
    ],
    perClass: ['bad', 'good', 'ok'].map((label) => ({ label, ...right, support: label === 'good' ? 2 : 1 })),
    intervals: { accuracy: sure, balancedAccuracy: sure, macroF1: sure },
  };
  model.errorCost = { perCase: 0, costs: [] };
  return answers;
}

describe.skipIf(executablePath === undefined)('a model that was judged on four images', () => {
  const server = new ConsoleServer(judgedOnFour());
  let browser: Browser;

  beforeAll(async () => {
    await server.start();
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    await server.stop();
  });

  it('says that this is little, in the list and above the figures, and fits a tablet', async () => {
    for (const width of [1280, 820]) {
      const page = await openPage(browser, { width });
      await page.goto(`${server.url}/models`);
      await page.getByText('These figures are of only 4 images, which says little').waitFor();
      const rows = await page.getByRole('row', { name: /^apples v/ }).allInnerTexts();
      expect(rows.map((row) => row.includes('of only 4 images, which says little')).toSorted()).toEqual([
        false,
        true,
      ]);
      expect(await page.locator('dl').first().textContent()).toContain(
        'Accuracy100 %95 %: 51.0 % to 100 %Macro-F1100 %Balanced accuracy100 %',
      );
      // The unit of the cost is an image here, and a fruit elsewhere.
      await page.getByText('mean of an image, by the project’s costs').waitFor();
      const grades = page.getByRole('region', { name: 'By grade', exact: true });
      expect(await grades.textContent()).toContain('100 %34–100');
      const versions = page.getByRole('region', { name: 'Versions', exact: true }).getByRole('table');
      expect(await versions.evaluate(({ parentElement: box }) => box!.scrollWidth - box!.clientWidth)).toBe(
        0,
      );
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      if (process.env.POMONA_SCREENSHOTS)
        await page.screenshot({
          path: `${process.env.POMONA_SCREENSHOTS}/few-cases-${width}.png`,
          fullPage: true,
        });
      await page.close();
    }
  });
});
