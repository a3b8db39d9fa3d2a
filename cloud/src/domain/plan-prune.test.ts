import type { ModelView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { keyOf, type PruneFacts, planPrune } from './plan-prune.ts';

const day = 86_400_000;
const nowMs = Date.parse('2026-11-30T00:00:00Z');

/** A version of that age; `from` is the version whose weights it went on from. */
function model(version: number, ageDays: number, change: object = {}, name = 'apples'): ModelView {
  const createdAt = new Date(nowMs - ageDays * day).toISOString();
  return { name, version, digest: String(version % 10).repeat(64), createdAt, ...change } as ModelView;
}

const from = (version: number) => ({ parent: { name: 'apples', version } });
const calibration = { calibration: { scale: 1 } };

function verdicts(models: readonly ModelView[], change: Partial<PruneFacts> = {}): Record<string, string> {
  const rule = { newest: 1, days: 30 };
  const all = planPrune({ models, uses: [], graded: new Set(), rule, nowMs, ...change });
  return Object.fromEntries(all.map((each) => [keyOf(each.model), each.verdict]));
}

describe('planPrune', () => {
  it('keeps the newest of each model and what is young, and lets the others go', () => {
    const models = [model(1, 100), model(2, 90), model(3, 31), model(1, 400, {}, 'pears')];
    expect(verdicts(models)).toEqual({
      'apples@1': 'remove',
      'apples@2': 'remove',
      'apples@3': 'keep',
      'pears@1': 'keep',
    });
    expect(verdicts(models, { rule: { newest: 1, days: 95 } })).toMatchObject({
      'apples@1': 'remove',
      'apples@2': 'keep',
    });
    expect(verdicts(models, { rule: { newest: 3, days: 0 } })['apples@1']).toBe('keep');
  });

  it('keeps what is used, however old, and says by whom', () => {
    const models = [model(1, 900), model(2, 1)];
    const uses = [{ name: 'apples', version: 1, why: 'station left runs it' }];
    const [first] = planPrune({ models, uses, graded: new Set(), rule: { newest: 1, days: 0 }, nowMs });
    expect(first).toMatchObject({ verdict: 'keep', why: ['station left runs it'] });
  });

  it('keeps the records of all ancestors of what is kept, without their files', () => {
    const models = [
      model(1, 400),
      model(2, 300, from(1)),
      model(3, 200, from(2)),
      model(4, 1, from(3)),
      model(5, 200, from(1)),
    ];
    expect(verdicts(models, { rule: { newest: 1, days: 30 } })).toEqual({
      'apples@1': 'drop-files',
      'apples@2': 'drop-files',
      'apples@3': 'drop-files',
      'apples@4': 'keep',
      'apples@5': 'keep',
    });
  });

  it('keeps the weights that a calibrated version is retrained from, and no others', () => {
    const models = [model(1, 400), model(2, 300, from(1)), model(3, 1, { ...from(2), ...calibration })];
    const plan = planPrune({ models, uses: [], graded: new Set(), rule: { newest: 1, days: 30 }, nowMs });
    expect(plan.map(({ verdict, keepsWeights }) => `${verdict} ${keepsWeights}`)).toEqual([
      'drop-files false',
      'drop-files true',
      'keep true',
    ]);
  });

  it('keeps the record of what graded fruit', () => {
    const models = [model(1, 400), model(2, 300), model(3, 1)];
    expect(verdicts(models, { graded: new Set(['apples@2']) })).toEqual({
      'apples@1': 'remove',
      'apples@2': 'drop-files',
      'apples@3': 'keep',
    });
  });

  it('ends at parents that point at each other or at nothing, and takes a date it cannot read for young', () => {
    const models = [model(1, 400, from(2)), model(2, 300, from(1)), model(3, 1, from(9)), model(4, 1)];
    expect(verdicts(models, { rule: { newest: 1, days: 0 } })['apples@1']).toBe('remove');
    const odd = { ...model(1, 0), createdAt: 'long ago' };
    expect(verdicts([odd, model(2, 1)])['apples@1']).toBe('keep');
  });
});
