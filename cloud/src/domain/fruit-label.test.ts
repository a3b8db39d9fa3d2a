import { describe, expect, it } from 'vitest';
import { fruitLabel, type LabelledSample } from './fruit-label.ts';
import { isForSecond, type Said } from './label-standing.ts';

const fruitWhere = (chosen: boolean) =>
  Array.from({ length: 100 }, (_, seq) => ({ station: 'left', boot: 'ab', seq })).find(
    (fruit) => isForSecond(fruit) === chosen,
  )!;
const fruit = fruitWhere(false);
const chosen = fruitWhere(true);

const said = (actor: string, label: string | null, atMs: number, kind: Said['kind'] = 'label'): Said => ({
  ...{ kind, actor, label, atMs, source: 'console' },
});
const sample = (...all: Said[]): LabelledSample => ({ said: all, wantsSecond: false });
const at = (ms: number) => new Date(ms).toISOString();

describe('the label of a graded fruit', () => {
  it('is none where nobody looked, and none again where it was taken back', () => {
    const none = { label: null, labelledAt: null, labelReview: 'none' };
    expect(fruitLabel(fruit, [], undefined)).toEqual(none);
    expect(fruitLabel(fruit, [sample()], undefined)).toEqual(none);
    expect(fruitLabel(fruit, [sample(said('ann', 'bad', 1), said('ann', null, 2))], undefined)).toEqual(none);
  });

  it('is the later of its samples’, in whatever order they came', () => {
    const samples = [sample(said('ann', 'bad', 5)), sample(), sample(said('ben', 'good', 3))];
    for (const each of [samples, samples.toReversed()])
      expect(fruitLabel(fruit, each, undefined)).toEqual({
        ...{ label: 'bad', labelledAt: at(5), labelReview: 'none' },
      });
  });

  it('is none while two people differ on one of its samples, and what a third says after that', () => {
    const disputed = [said('ann', 'bad', 1), said('ben', 'ok', 2, 'second')];
    const other = sample(said('ann', 'good', 9));
    expect(fruitLabel(chosen, [other, sample(...disputed)], undefined)).toEqual({
      ...{ label: null, labelledAt: null, labelReview: 'disputed' },
    });
    const settled = sample(...disputed, said('cleo', 'ok', 4, 'decision'));
    expect(fruitLabel(chosen, [settled], undefined)).toEqual({
      ...{ label: 'ok', labelledAt: at(4), labelReview: 'settled' },
    });
  });

  it('is hidden from who may yet be asked what they see, but not from who gave it', () => {
    const samples = [{ said: [said('ann', 'bad', 1)], wantsSecond: true }];
    expect(fruitLabel(chosen, samples, 'ben')).toEqual({
      ...{ label: null, labelledAt: null, labelReview: 'wanted' },
    });
    for (const reader of ['ann', undefined])
      expect(fruitLabel(chosen, samples, reader)).toMatchObject({ label: 'bad', labelReview: 'wanted' });
  });
});
