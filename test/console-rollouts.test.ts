/** The rollouts' pages in a real browser, against routes that answer what the test says. */
import {
  defaultRolloutPlan,
  defaultShadowPlan,
  type RolloutDetail,
  type RolloutPreview,
  type RolloutRequest,
} from '@pomona/wire';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findChromium, launchChromium, openPage } from './chromium.ts';
import { consoleAnswers } from './console-answers.ts';
import { ConsoleServer } from './console-server.ts';

const executablePath = findChromium();

function rollout(change: Partial<RolloutDetail> = {}): RolloutDetail {
  const at = new Date().toISOString();
  return {
    id: 7,
    release: { name: 'apples', version: 3, digest: 'c0ffee'.padEnd(64, '0') },
    query: { line: ['line-1'] },
    plan: defaultRolloutPlan,
    reason: 'better on russet',
    actor: 'ann',
    createdAt: at,
    status: 'running',
    why: null,
    now: false,
    wave: 1,
    stations: 5,
    shadow: null,
    outcomes: [
      { outcome: 'waiting', count: 2 },
      { outcome: 'deferred', count: 1 },
      { outcome: 'succeeded', count: 1 },
      { outcome: 'failed', count: 1 },
    ],
    waves: [
      { stations: 1, outcomes: [{ outcome: 'succeeded', count: 1 }] },
      {
        stations: 4,
        outcomes: [
          { outcome: 'waiting', count: 2 },
          { outcome: 'deferred', count: 1 },
          { outcome: 'failed', count: 1 },
        ],
      },
    ],
    members: (['succeeded', 'failed', 'deferred', 'waiting', 'waiting'] as const).map((outcome, index) => ({
      station: `s${index}`,
      wave: index === 0 ? 0 : 1,
      outcome,
      reason: outcome === 'failed' ? 'the station rolled back: too slow' : null,
      previous: index < 2 ? { name: 'apples', version: 2 } : null,
      sentAt: index < 2 ? at : null,
      settledAt: index < 2 ? at : null,
      restored: false,
      shadow: null,
    })),
    events: [{ at, kind: 'create', actor: 'ann', reason: 'better on russet' }],
    ...change,
  };
}

describe.skipIf(executablePath === undefined)('rollouts', () => {
  let browser: Browser;
  let server: ConsoleServer;
  let page: Page;
  let current: RolloutDetail;
  const answers = consoleAnswers();
  /** By release, what the control plane says keeps it from the stations. */
  const stops: Record<string, RolloutPreview['stopped']> = {
    'apples@2': { why: 'it was never held against gates', byGates: true },
    'apples@3': { why: 'failed: group-gap', byGates: true },
  };
  const asked: { path: string; body: unknown }[] = [];
  const complaints: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium(executablePath ?? '');
    server = new ConsoleServer(answers);
    await server.start();
    page = await openPage(browser, { complaints });
    await page.route('**/v1/rollouts**', async (route) => {
      const request = route.request();
      const path = new URL(request.url()).pathname;
      if (request.method() === 'GET')
        return route.fulfill({ json: path.endsWith('/7') ? current : [current] });
      const body: unknown = request.postDataJSON();
      if (path.endsWith('/preview')) {
        const stopped = stops[new URL(request.url()).searchParams.get('release') ?? ''];
        const stations = 'line' in (body as object) ? ['a', 'b'] : ['a', 'b', 'c'];
        return route.fulfill({ json: { stations, ...(stopped && { stopped }) } });
      }
      asked.push({ path, body });
      if (path.endsWith('/pause')) current = rollout({ status: 'paused', why: 'night (ann)' });
      return route.fulfill({ status: path === '/v1/rollouts' ? 201 : 200, json: current });
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });
  beforeEach(() => {
    current = rollout();
    asked.length = 0;
    answers.models = consoleAnswers().models;
    answers.role = 'admin';
  });

  it('start on the newest release that may go, and say to an operator why another may not', async () => {
    const [second, third] = consoleAnswers().models;
    const fourth = { ...third!, version: 4, createdAt: new Date().toISOString(), digest: 'd'.repeat(64) };
    answers.models = [fourth, third!, { ...second!, gates: [] }];
    stops['apples@4'] = { why: 'no station would accept apples@4 yet', byGates: false };
    const { 'apples@2': before } = stops;
    delete stops['apples@2'];
    answers.role = 'operator';
    await page.goto(`${server.url}/rollouts`);
    const release = page.getByLabel('Release', { exact: true });
    const begin = page.getByRole('button', { name: 'Roll out to 3 stations' });
    await begin.waitFor();
    expect(await release.inputValue()).toBe('apples@2');
    await expect.poll(() => begin.isEnabled()).toBe(true);
    await release.selectOption('apples@3 (gates not passed)');
    await page.getByText('apples@3: failed gates: group-gap. An admin may override that').waitFor();
    expect(await begin.isDisabled()).toBe(true);
    await release.selectOption('apples@4');
    await page.getByText('apples@4 cannot be rolled out: no station would accept apples@4 yet.').waitFor();
    expect(await begin.isDisabled()).toBe(true);
    await release.selectOption('apples@2');
    await expect.poll(() => begin.isEnabled()).toBe(true);
    if (before) stops['apples@2'] = before;
    expect(complaints).toEqual([]);
  });

  const isTooWide = () =>
    page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  it('counts the stations that a query selects, and rolls out to them', async () => {
    await page.goto(`${server.url}/rollouts`);
    await page.getByRole('button', { name: 'Roll out to 3 stations' }).waitFor();
    await page.getByLabel('Where line is').fill('line-1, line-2*');
    const begin = page.getByRole('button', { name: 'Roll out to 2 stations' });
    await begin.waitFor();
    await page.getByLabel('Stations of the next wave').fill('4');
    await page.getByLabel('Shadow first').check();
    await page.getByLabel('Fruits at each').fill('300');
    await page.getByLabel('Reason').fill('better on russet');
    await page.getByLabel('In spite of gates, which is logged (it was never').waitFor();
    expect(await begin.isDisabled()).toBe(true);
    await page.getByLabel('Release', { exact: true }).selectOption('apples@3');
    await page.getByLabel('In spite of gates, which is logged (failed gates: group-gap)').check();
    await page.getByRole('cell', { name: '2 waiting, 1 deferred, 1 succeeded, 1 failed' }).waitFor();
    await begin.click();
    await page.getByRole('heading', { name: 'Rollout 7', level: 1 }).waitFor();
    const [{ body } = { body: undefined }] = asked;
    expect(body).toMatchObject({
      release: { name: 'apples', version: 3 },
      query: { line: ['line-1', 'line-2*'] },
      plan: {
        canary: 1,
        waves: { base: 4, factor: 3, max: 500 },
        onFailure: 'pause',
        shadow: { ...defaultShadowPlan, fruitsMin: 300 },
      },
      reason: 'better on russet',
      override: true,
    } satisfies Partial<Record<keyof RolloutRequest, unknown>>);
    expect(complaints).toEqual([]);
  });

  it('shows waves, stations and what happened, and pauses with a reason', async () => {
    await page.goto(`${server.url}/rollouts/7`);
    await page.getByRole('img', { name: 'Stations of wave 2: 2 waiting, 1 deferred, 1 failed' }).waitFor();
    await page.getByText('the station rolled back: too slow').waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByLabel('Why: Pause').fill('night');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('night (ann)').waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(asked).toEqual([{ path: '/v1/rollouts/7/pause', body: { reason: 'night' } }]);
    expect(complaints).toEqual([]);
  });

  it('shows how a candidate grades beside the release, and that no wave has begun', async () => {
    const figures = {
      ...{ fruits: 250, skipped: 12, views: 1_500, msPerView: { champion: 1, candidate: 1.4 } },
      pairs: [
        { champion: 'good', candidate: 'good', count: 200 },
        { champion: 'good', candidate: 'bad', count: 50 },
      ],
    };
    const summary = {
      beganAt: rollout().createdAt,
      endedAt: null,
      stations: 1,
      ready: 0,
      fruits: 250,
      agreement: 0.8,
    };
    const { members, plan, ...rest } = rollout({ shadow: summary });
    const first = { state: 'running' as const, reason: null, agreement: 0.8, figures };
    current = {
      ...rest,
      plan: { ...plan, shadow: defaultShadowPlan },
      members: members.map((member, i) => (i === 0 ? { ...member, shadow: first } : member)),
    };
    await page.goto(`${server.url}/rollouts/7`);
    await page.getByText('out of bounds').waitFor();
    await page.getByRole('cell', { name: '250 no time for 12' }).waitFor();
    await page.getByRole('cell', { name: '1.40 ms now 1.00 ms' }).waitFor();
    await page.getByText('The candidate would say').waitFor();
    expect(await page.locator('tr[aria-current]').count()).toBe(0);
    await page.goto(`${server.url}/rollouts`);
    await page.getByRole('cell', { name: /^shadow.*alike$/ }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('fits a tablet and a desk', async () => {
    for (const width of [800, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      for (const path of ['/rollouts', '/rollouts/7']) {
        await page.goto(server.url + path);
        await page.getByRole('img').first().waitFor();
        expect(`${path} at ${width}: ${await isTooWide()}`).toBe(`${path} at ${width}: false`);
      }
    }
    expect(complaints).toEqual([]);
  });
});
