import type { AlertView, DriftDetail, DriftKind } from '@pomona/wire';
import { expect, it } from 'vitest';
import { describeScenario, ScenarioWatch } from './scenario-watch.ts';

type Window = Pick<DriftDetail['windows'][number], 'verdict' | 'kind'>;
const address = { site: 'demo', line: 'line-1', station: 'camera-1' };

/** A station whose windows and alerts the test says. */
function build() {
  const windows: Window[] = [];
  const alerts: Pick<AlertView, 'kind' | 'station' | 'title' | 'evidence' | 'openedAt'>[] = [];
  let begun = 0;
  const watch = new ScenarioWatch('dim-light', {
    stations: [{ address, beginScenario: async () => void begun++ }],
    drift: async (_station, count) =>
      ({
        baseline: { windows: Math.min(5, windows.length), needed: 5, complete: windows.length >= 5 },
        windowCount: windows.length,
        windows: windows.slice(-count),
      }) as Partial<DriftDetail> as DriftDetail,
    alerts: async () => alerts as AlertView[],
    nowMs: () => 1_700_000_000_000,
    say: () => undefined,
  });
  return {
    watch,
    begun: () => begun,
    count: (kind: DriftKind | null, verdict: Window['verdict'] = kind === null ? 'normal' : 'drift') =>
      windows.push({ verdict, kind }),
    raise: (kind: AlertView['kind'], openedAt = '2026-01-01T00:00:00.000Z') =>
      alerts.push({ kind, openedAt, station: 'camera-1', title: 'Dark', evidence: { luma: 3 } }),
  };
}

it('begins when the usual state is known and nothing is wrong, once', async () => {
  const { watch, begun, count } = build();
  for (let i = 0; i < 4; i++) count(null, 'baseline');
  expect([await watch.look(), begun()]).toEqual([false, 0]);
  count(null, 'baseline');
  count('camera');
  await watch.look();
  expect(begun()).toBe(0);
  for (let i = 0; i < 5; i++) count(null);
  await watch.look();
  await watch.look();
  expect(begun()).toBe(1);
});

it('is over with the alert of the window that shows the scenario', async () => {
  const { watch, count, raise } = build();
  for (let i = 0; i < 6; i++) count(null, i < 5 ? 'baseline' : 'normal');
  raise('drift-camera', '2020-01-01T00:00:00.000Z');
  await watch.look();
  count('population');
  count('camera');
  expect(await watch.look()).toBe(false);
  raise('drift-camera');
  expect(await watch.look()).toBe(true);
  const summary = await watch.summary();
  expect(summary).toMatchObject({ shown: true, expected: 'drift-camera' });
  expect(summary.stations).toMatchObject([{ kinds: ['population', 'camera'], seenIn: 2 }]);
  expect(describeScenario(summary)[1]).toContain(
    'drift-camera in window 2: Dark (luma 3); said population too',
  );
});

it.each([
  [['population', 'population', 'population'], 'no drift-camera in 3 windows; said population too'],
  [[null, null, null], 'no drift-camera in 3 windows'],
  [[null, null, null, 'camera'], 'drift-camera in window 4'],
] as const)('is not shown when the windows say %j', async (kinds, text) => {
  const { watch, count, raise } = build();
  for (let i = 0; i < 5; i++) count(null, 'baseline');
  await watch.look();
  for (const kind of kinds) count(kind);
  if (kinds.includes('camera' as never)) raise('drift-camera');
  expect(await watch.look()).toBe(true);
  const summary = await watch.summary();
  expect(summary.shown).toBe(false);
  expect(describeScenario(summary)[1]).toContain(text);
});

it('says that nothing could be shown when the usual state was not known', async () => {
  const { watch } = build();
  await watch.look();
  const summary = await watch.summary();
  expect([summary.shown, describeScenario(summary)[1]]).toEqual([
    false,
    expect.stringContaining('run longer'),
  ]);
});
