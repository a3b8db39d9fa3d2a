import type { RecipeDryRun } from '@pomona/wire';
import { expect, it } from 'vitest';
import { describeDryRun } from './describe-dry-run.ts';

const found: RecipeDryRun = {
  ...{ recipe: { name: 'house', version: 3 }, grades: ['extra', 'class-1', 'out'] },
  ...{ model: 'apples', labels: ['good', 'ok', 'bad'] },
  ...{ since: '2026-11-29T12:00:00.000Z', until: '2026-11-30T12:00:00.000Z', isCut: false },
  ...{ fruits: 60, judged: 60, changed: 60, changedShare: 1, gateChanged: 30, undecided: 0 },
  ...{ unmeasured: { fruits: 0, figures: [] }, unfit: { fruits: 0, reason: null } },
  confusion: [
    { before: 'bad', after: 'out', fruits: 30 },
    { before: 'older-grade', after: 'class-1', fruits: 17 },
    { before: 'good', after: 'class-1', fruits: 8 },
    { before: 'good', after: 'extra', fruits: 5 },
  ],
  stations: [{ station: 'valley-1-a', judged: 60, changed: 60, unmeasured: 0 }],
  ...{ rules: [], examples: [] },
};

it('shows grades in their order, the best first, whatever most fruits got', () => {
  const lines = describeDryRun(found).split('\n');
  const at = lines.findIndex((line) => line.startsWith('was'));
  const words = lines.slice(at, at + 4).map((line) => line.trim().split(/\s{2,}/));
  expect(words).toEqual([
    ['was \\ would be', 'extra', 'class-1', 'out'],
    ['good', '5', '8', '0'],
    ['bad', '0', '0', '30'],
    ['older-grade', '0', '17', '0'],
  ]);
});

it('says of one fruit that was left out that it is one', () => {
  const one = {
    ...{ unmeasured: { fruits: 1, figures: [{ figure: 'sizeMm' as const, fruits: 1 }] }, undecided: 1 },
    unfit: { fruits: 1, reason: 'it knows no ok' },
  };
  const text = describeDryRun({ ...found, ...one });
  expect(text).toContain('not counted, for want of what the recipe asks for, 1 fruit: sizeMm of 1');
  expect(text).toContain('not judged, of labels that it does not fit, 1 fruit: it knows no ok');
  expect(text).toContain('no recipe decides 1 fruit that came late or passed a paused line');
});

it('tells a time without fruit from fruit that could not be judged', () => {
  const rules = [{ rule: 'damaged', fruits: 0 }];
  const none = { ...found, rules, ...{ judged: 0, changed: 0, changedShare: null, gateChanged: 0 } };
  expect(describeDryRun({ ...none, fruits: 0 }).split('\n')).toEqual([
    expect.stringContaining('on 0 fruits of apples'),
    'No fruit of it came in then: give another time with --since and --until, or another --model.',
  ]);
  const unfit = { fruits: 60, reason: 'no grade for red' };
  expect(
    describeDryRun({ ...none, unfit })
      .split('\n')
      .slice(1),
  ).toEqual([
    'None could be judged.',
    'not judged, of labels that it does not fit, 60 fruits: no grade for red',
  ]);
});
