/** The page at the line in a real browser, before the agent's own server and a line that is played. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FromLine,
  type LineQuestion,
  type OperatorPage,
  openOperatorPage,
  type ShownFruit,
} from '@pomona/edge-agent';
import { hashPin, type OperatorPageConfig } from '@pomona/firmware-config';
import { defaultLineGeometry } from '@pomona/grading';
import { systemClock } from '@pomona/wire';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChromium, launchChromium } from './chromium.ts';

const executablePath = findChromium();
const labels = ['good', 'ok', 'bad'];
const size = 16;

async function textOf(locator: Locator): Promise<string> {
  return (await locator.allInnerTexts()).join(' ').split(/\s+/).join(' ');
}

function shown(seq: number, grade: string, reason: string, grades = labels): FromLine {
  const fruit: ShownFruit = {
    ...{ seq, lane: seq % 2, grade, outcome: 'graded', reason },
    ...{ isReject: grade === grades.at(-1), diameterMm: 72, labels, grades, size },
    view: new Uint8Array(size * size * 3).fill(120),
    belt: { red: 40, green: 40, blue: 40 },
  };
  return { kind: 'decided', grade, outcome: 'graded', shown: fruit };
}

describe.skipIf(executablePath === undefined)('the page at the line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'operator-page-'));
  const done: string[] = [];
  let browser: Browser;
  const operators: OperatorPage[] = [];
  let url = '';
  let isPaused = false;

  /** As the grading worker would. */
  function answer(question: LineQuestion, say: (message: FromLine) => void): void {
    if (question.kind === 'look') {
      new Uint8Array(question.pixels).fill(60);
      const at = { lane: 0, yPx: 80, radiusPx: 40 };
      const fruit = [
        { ...at, xPx: 200, isDecided: false, isPaused, grade: 'good' },
        { ...at, xPx: 500, isDecided: true, isPaused, grade: 'bad' },
      ];
      say({ kind: 'looked', seq: 1, fruit });
    } else if (question.kind === 'views')
      say({
        kind: 'views',
        seq: question.seq,
        size,
        crops: [1, 2, 3].map(() => new Uint8Array(size * size * 3)),
      });
    else {
      done.push(`${question.seq} is ${question.label.grade}`);
      say({ kind: 'corrected', seq: question.seq });
    }
  }

  /** Where it listens. */
  async function serve(watching: OperatorPageConfig['watching'], grades = labels): Promise<string> {
    let listensAt = '';
    const operator: OperatorPage = await openOperatorPage({
      config: { host: '127.0.0.1', port: 0, pinHash: await hashPin('482913'), watching },
      geometry: { ...defaultLineGeometry },
      ...{ dataDir: folder, address: { site: 'valley', line: 'line-1', station: 'valley-1-a' }, boot: 'ab' },
      scheduler: {
        ...systemClock,
        after: (ms, run) => {
          const timer = setTimeout(run, ms);
          return () => clearTimeout(timer);
        },
      },
      line: {
        pause: (isNowPaused) => {
          isPaused = isNowPaused;
          done.push(isPaused ? 'paused' : 'resumed');
        },
        ask: (question) => setImmediate(() => answer(question, operator.hear)),
      },
      facts: () => ({
        ...{ isLinkUp: false, waitingRecords: 12, isDiskFull: false, update: 'active' },
        release: { name: 'apples', version: 3, variant: 'int8', recipeVersion: 1, grades },
      }),
      onTrouble: (code, message) => done.push(`${code}: ${message}`),
      onOpen: (at) => {
        listensAt = at;
      },
      onDone: () => undefined,
      onMovedAside: () => undefined,
    });
    operators.push(operator);
    operator.hear({ kind: 'camera', state: 'stopped', detail: 'no frame for 3000 ms' });
    for (let seq = 0; seq < 12; seq++)
      operator.hear(shown(seq, grades[seq % grades.length]!, `looks it ${seq}`, grades));
    return listensAt;
  }

  beforeAll(async () => {
    url = await serve('open');
    browser = await launchChromium(executablePath ?? '');
  });
  afterAll(async () => {
    await browser?.close();
    for (const operator of operators) await operator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  async function blank(width = 1024, height = 768): Promise<{ page: Page; errors: string[] }> {
    const page = await browser.newPage({ viewport: { width, height } });
    page.setDefaultTimeout(10_000);
    const errors: string[] = [];
    page.on('pageerror', ({ message }) => errors.push(message));
    return { page, errors };
  }

  async function open(width: number, height: number): Promise<{ page: Page; errors: string[] }> {
    const { page, errors } = await blank(width, height);
    await page.goto(url);
    await page.getByRole('img', { name: 'The line with 2 fruits in view' }).waitFor();
    return { page, errors };
  }

  /** Resolves when the page has been told so often how the station is. */
  async function viewsOf(page: Page, count: number): Promise<void> {
    for (let i = 0; i < count; i++)
      await page.waitForResponse((answer) => answer.url().endsWith('/line/view') && answer.status() === 200);
  }

  it('shows the line, fits a tablet and a small screen, and has targets for gloves', async () => {
    for (const [width, height] of [
      [1280, 800],
      [1024, 768],
    ] as const) {
      const { page, errors } = await open(width, height);
      const rejects = page.getByRole('region', { name: 'Last rejects' }).getByRole('button');
      await expect.poll(() => rejects.allInnerTexts()).toHaveLength(4);
      expect(await textOf(rejects.first())).toBe('▲bad looks it 11');
      expect(await textOf(page.getByRole('list', { name: 'Condition of the station' }))).toMatch(
        /^Camera no frame for 3000 ms Lens learning Control plane away for \d+ s, 12 to send Release apples v3 int8$/,
      );
      const cells = page.getByRole('row', { name: /good/ }).getByRole('cell');
      expect(await cells.allInnerTexts()).toEqual(['4', '33.3 %', '4']);
      const [right, bottom] = (await page.evaluate(
        '[document.documentElement.scrollWidth, document.documentElement.scrollHeight]',
      )) as [number, number];
      expect(right).toBeLessThanOrEqual(width);
      expect(bottom).toBeLessThanOrEqual(height);
      for (const button of await page.getByRole('button').all())
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(48);
      const shots = process.env.POMONA_SCREENSHOTS;
      if (shots) await page.screenshot({ path: `${shots}/operator-${width}.png` });
      expect(errors).toEqual([]);
      await page.close();
    }
  });

  it('marks the grades of a standard alike in the counts, on the cards and over a fruit', async () => {
    const grades = ['us-extra-fancy', 'us-fancy', 'us-no-1', 'us-utility', 'cull'];
    const at = await serve('open', grades);
    const { page, errors } = await blank();
    await page.goto(at);
    const counts = page.getByRole('table').locator('tbody .grade');
    await expect.poll(() => counts.count()).toBe(grades.length);
    const marks = new Map((await counts.allTextContents()).map((text) => [text.slice(1), text]));
    expect([...marks.keys()]).toEqual(grades);
    expect(new Set([...marks.values()].map((mark) => mark[0])).size).toBe(grades.length);
    const cards = page.locator('.strip .grade');
    await expect.poll(() => cards.count()).toBeGreaterThanOrEqual(grades.length);
    for (const card of await cards.all()) {
      expect([...marks.values()]).toContain(await card.textContent());
      // A name that was cut off could be that of another grade.
      const [name, whole] = [await card.boundingBox(), await card.locator('..').boundingBox()];
      expect(name!.x + name!.width).toBeLessThanOrEqual(whole!.x + whole!.width);
    }
    await page.getByRole('region', { name: 'Last rejects' }).getByRole('button').first().click();
    expect(await textOf(page.getByRole('heading', { name: /^Graded/ }))).toBe(`Graded ${marks.get('cull')}`);
    const shots = process.env.POMONA_SCREENSHOTS;
    if (shots) await page.screenshot({ path: `${shots}/operator-standard.png` });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('marks the grades of two standards apart when one lot has both', async () => {
    const before = ['eu-extra', 'eu-class-1', 'eu-class-2', 'eu-other', 'waste'];
    const grades = ['us-extra-fancy', 'us-fancy', 'us-no-1', 'us-utility', 'cull'];
    const at = await serve('open', grades);
    for (const [i, grade] of before.entries()) operators.at(-1)!.hear(shown(40 + i, grade, '', before));
    const { page, errors } = await blank(820, 1180);
    await page.goto(at);
    const looks = async (selector: string) =>
      (await page
        .locator(selector)
        .evaluateAll((all) =>
          (all as unknown as { textContent: string; firstChild: { style: { color: string } } }[]).map(
            ({ textContent, firstChild }) => [textContent.slice(1), textContent[0] + firstChild.style.color],
          ),
        )) as [string, string][];
    await expect.poll(() => looks('#counts .grade')).toHaveLength(10);
    const counted = await looks('#counts .grade');
    expect(counted.map(([grade]) => grade)).toEqual([...grades, ...before]);
    expect(new Set(counted.map(([, look]) => look)).size).toBe(10);
    // What is graded now looks as in the console, and no shape of it is that of another.
    expect(new Set(counted.slice(0, 5).map(([, look]) => look[0])).size).toBe(5);
    const title = page.getByRole('cell', { name: 'By the recipe before, in this lot:' });
    await title.waitFor();
    expect(await page.evaluate("getComputedStyle(document.querySelector('.earlier')).textAlign")).toBe(
      'left',
    );
    await expect.poll(() => looks('.strip .grade')).not.toHaveLength(0);
    for (const card of await looks('.strip .grade')) expect(counted).toContainEqual(card);
    const shots = process.env.POMONA_SCREENSHOTS;
    if (shots) await page.screenshot({ path: `${shots}/operator-two-standards.png`, fullPage: true });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says how the outlets are, and a pause hides nothing that is wrong', async () => {
    const at = await serve('open');
    const operator = operators.at(-1);
    const { page, errors } = await blank();
    await page.goto(at);
    const line = {
      ...{
        framesPerSecond: 20,
        droppedFrames: 0,
        frameForMs: 0,
        fruits: 0,
        missedDeadlines: 0,
        lostRecords: 0,
      },
      ...{ latencyMs: { p50: 2, p99: 9 }, release: undefined, recent: undefined },
    };
    const gates = {
      connected: true,
      fired: 9,
      merged: 0,
      late: 7,
      failed: 3,
      recent: { late: 2, failed: 1 },
    };
    const signs = page.getByRole('list', { name: 'Condition of the station' });
    const shots = process.env.POMONA_SCREENSHOTS;
    const picture = async (name: string) => {
      if (shots) await page.screenshot({ path: `${shots}/operator-${name}.png` });
    };
    operator!.hear({ kind: 'camera', state: 'running', detail: '' });
    operator!.hear({ kind: 'figures', figures: { ...line, gates } });
    await expect.poll(() => textOf(signs)).toContain('Outlets 2 too late, 1 not taken');
    await picture('outlets-late');
    const why = 'no outlet can be opened: 10.0.0.9:502 refuses coil 77';
    const camera = { faults: ['wrong-travel' as const], luma: 40, sharpness: 1, shiftPx: 0 };
    operator!.hear({
      kind: 'figures',
      figures: { ...line, camera, gates: { ...gates, connected: false, why } },
    });
    await expect.poll(() => textOf(signs)).toMatch(/Outlets away for \d+ s/);
    await page.getByRole('button', { name: 'Pause grading' }).click();
    // Asked for once the station has refused; what is typed before that goes nowhere.
    const pin = page.getByRole('dialog', { name: 'PIN of this station' });
    await pin.waitFor();
    await page.keyboard.type('482913');
    await pin.getByRole('button', { name: 'Enter' }).click();
    await page.getByRole('button', { name: 'Resume grading' }).waitFor();
    const notice = page.locator('#notice');
    await expect
      .poll(() => textOf(notice))
      .toMatch(/Look at the belt: fruit moves .* No outlet works.* refuses coil 77.* Grading is paused for/s);
    const passed = shown(40, 'bad', 'grading was paused') as Extract<FromLine, { kind: 'decided' }>;
    operator!.hear({
      ...passed,
      outcome: 'paused',
      shown: { ...passed.shown!, outcome: 'paused', isReject: false },
    });
    const others = page.getByRole('region', { name: 'Other fruit' }).getByRole('button');
    await expect.poll(() => textOf(others.first())).toBe('‖paused grading was paused');
    await picture('paused-with-faults');
    await others.first().click();
    await expect.poll(() => textOf(page.locator('#fruit-title'))).toBe('Not graded: ‖paused');
    await page.getByRole('button', { name: 'Close' }).click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(1024);
    await page.getByRole('button', { name: 'Resume grading' }).click();
    await page.getByRole('button', { name: 'Pause grading' }).waitFor();
    done.length = 0;
    expect(errors).toEqual([]);
    await page.close();
  });

  it('draws fruit that passes a paused line in the colour of no grade', async () => {
    const at = await serve('open');
    const { page, errors } = await blank(820, 1180);
    await page.goto(at);
    // The picture below is grey, and so are the letters of who is not graded.
    const coloured = () =>
      page.evaluate(`(() => {
        const { width, height } = document.querySelector('#picture');
        const { data } = document.querySelector('#picture').getContext('2d').getImageData(0, 0, width, height);
        let count = 0;
        for (let i = 0; i < data.length; i += 4)
          if (Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) count++;
        return count;
      })()`) as Promise<number>;
    await expect.poll(coloured, { timeout: 10_000 }).toBeGreaterThan(500);
    await page.getByRole('button', { name: 'Pause grading' }).click();
    await page.getByRole('dialog', { name: 'PIN of this station' }).waitFor();
    await page.keyboard.type('482913');
    await page.keyboard.press('Enter');
    await expect.poll(coloured, { timeout: 10_000 }).toBe(0);
    await page.getByRole('img', { name: 'The line with 2 fruits in view' }).waitFor();
    const shots = process.env.POMONA_SCREENSHOTS;
    for (const width of shots ? [820, 1440] : []) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${shots}/operator-paused-${width}.png` });
    }
    await page.getByRole('button', { name: 'Resume grading' }).click();
    await expect.poll(coloured, { timeout: 10_000 }).toBeGreaterThan(500);
    done.length = 0;
    expect(errors).toEqual([]);
    await page.close();
  });

  it('takes a correction and a pause for the PIN alone', async () => {
    const { page, errors } = await open(1024, 768);
    await page.getByRole('region', { name: 'Last rejects' }).getByRole('button').first().click();
    await page.getByRole('button', { name: 'It is good' }).click();
    const pin = page.getByRole('dialog', { name: 'PIN of this station' });
    for (const digit of '111111') await pin.getByRole('button', { name: digit, exact: true }).click();
    await pin.getByRole('button', { name: 'Enter' }).click();
    await pin.getByText('that is not the PIN').waitFor();
    expect(done).toEqual([]);
    await page.keyboard.type('482913');
    await pin.getByRole('button', { name: 'Enter' }).click();
    await page.getByText('It is kept as good').waitFor();
    expect(done).toEqual(['11 is good']);
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByText('in truth good').waitFor();
    await page.getByRole('button', { name: 'Pause grading' }).click();
    await page
      .getByRole('alert')
      .getByText(/Grading is paused for \d+ s/)
      .waitFor();
    await page.getByRole('button', { name: 'Resume grading' }).click();
    await page.getByRole('button', { name: 'Pause grading' }).waitFor();
    expect(done).toEqual(['11 is good', 'paused', 'resumed']);
    await page.getByRole('button', { name: 'Lock' }).click();
    await page.getByRole('button', { name: 'New lot' }).click();
    await pin.waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('takes the PIN from a keyboard, for everything that waited for it', async () => {
    const { page, errors } = await blank();
    await page.goto(await serve('pin'));
    const pin = page.getByRole('dialog', { name: 'PIN of this station' });
    const enter = async () => {
      await pin.waitFor();
      await page.keyboard.type('482913');
      await page.keyboard.press('Enter');
    };
    await enter();
    await page.getByRole('img', { name: 'The line with 2 fruits in view' }).waitFor();
    await page.getByRole('button', { name: 'Lock' }).waitFor();
    const refused = (path: string) =>
      page.waitForResponse((answer) => answer.url().endsWith(path) && answer.status() === 401);
    const both = Promise.all([refused('/line/view'), refused('/line/pause')]);
    await page.evaluate(
      "fetch('line/session', { method: 'DELETE' }).then(() => document.getElementById('pause').click())",
    );
    await both;
    await enter();
    await page.getByRole('button', { name: 'Resume grading' }).waitFor();
    await viewsOf(page, 2);
    await page.getByRole('button', { name: 'Resume grading' }).click();
    await page.getByRole('button', { name: 'Pause grading' }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  it('says for a while why something was not done', async () => {
    const { page, errors } = await blank();
    await page.clock.install();
    await page.goto(url);
    await page.route(/\/line\/lot/, (route) =>
      route.fulfill({ status: 500, json: { code: 'internal', message: 'that did not work', hint: '' } }),
    );
    await page.getByRole('button', { name: 'New lot' }).click();
    const reason = page.getByRole('alert').getByText('that did not work');
    await reason.waitFor();
    await viewsOf(page, 4);
    expect(await reason.isVisible()).toBe(true);
    await page.clock.fastForward(6_000);
    await reason.waitFor({ state: 'hidden' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('pauses also when the station cannot write that down, and says so', async () => {
    const { page, errors } = await blank();
    await page.goto(url);
    rmSync(folder, { recursive: true });
    await page.getByRole('button', { name: 'Pause grading' }).click();
    await page.getByRole('dialog', { name: 'PIN of this station' }).waitFor();
    await page.keyboard.type('482913');
    await page.keyboard.press('Enter');
    const unwritten = page
      .getByRole('alert')
      .getByText('took no note of that: should it start again, grading goes on');
    await unwritten.waitFor();
    expect(await textOf(page.getByRole('alert'))).toMatch(/^Grading is paused/);
    mkdirSync(folder);
    await page.getByRole('button', { name: 'Resume grading' }).click();
    await page.getByRole('button', { name: 'Pause grading' }).waitFor();
    await unwritten.waitFor({ state: 'hidden' });
    expect(errors).toEqual([]);
    await page.close();
  });

  it('asks no more often for a picture when it gets none at once', async () => {
    const { page, errors } = await blank();
    let asked = 0;
    // As the station answers when sixteen look already.
    await page.route(/\/line\/picture/, async (route) => {
      asked++;
      await route.fulfill({ status: 204 });
    });
    await page.goto(url);
    await page.getByText('No picture from the camera').waitFor();
    await viewsOf(page, 4);
    expect(asked).toBeLessThan(10);
    expect(errors).toEqual([]);
    await page.close();
  });
});
