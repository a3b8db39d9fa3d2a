import type { ModelView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { familyOf, nameOf, reachedBy } from './lineage.ts';

const [first, second, photographs] = ['a', 'b', 'c'].map((digit) => digit.repeat(64)) as [
  string,
  string,
  string,
];

function model(
  version: number,
  digest: string,
  more: { parent?: number; calibratedOn?: string; heldBack?: 'test' | 'groups' } = {},
): ModelView {
  const { parent, calibratedOn, heldBack = 'groups' } = more;
  return {
    ...{ name: 'apples', version, dataset: { name: 'drawn', digest } },
    ...(parent === undefined ? {} : { parent: { name: 'apples', version: parent } }),
    ...(calibratedOn === undefined
      ? {}
      : { calibration: { dataset: { name: 'photographs', digest: calibratedOn }, heldBack } }),
  } as ModelView;
}

const models = [
  model(1, first),
  model(2, first, { parent: 1, calibratedOn: photographs }),
  model(3, second, { parent: 2 }),
  model(4, second),
  model(5, second, { parent: 3 }),
];
const reached = (...reaching: Parameters<typeof reachedBy>[1]) =>
  reachedBy(models, reaching).map((each) => [
    each.version,
    each.links.map(({ as, from }) => `${as} ${from}`),
  ]);

describe('what a dataset version reached', () => {
  it('is what learnt from it, what is calibrated on it, and all that went on from those', () => {
    expect(reached({ digest: photographs })).toEqual([
      [2, ['calibrated photographs@cccccccccccc']],
      [3, ['went-on apples@2']],
      [5, ['went-on apples@3']],
    ]);
    expect(reached({ digest: first })).toEqual([
      [1, ['learnt drawn@aaaaaaaaaaaa']],
      [2, ['learnt drawn@aaaaaaaaaaaa', 'went-on apples@1']],
      [3, ['went-on apples@2']],
      [5, ['went-on apples@3']],
    ]);
    expect(reached({ digest: 'd'.repeat(64) })).toEqual([]);
  });
});

describe('what a photograph reached', () => {
  it('goes by its split: what was judged by it alone carries nothing of it on', () => {
    expect(reached({ digest: first, split: 'test' })).toEqual([
      [1, ['tested drawn@aaaaaaaaaaaa']],
      [2, ['tested drawn@aaaaaaaaaaaa']],
    ]);
    expect(reached({ digest: second, split: 'validation' })[0]).toEqual([
      3,
      ['validated drawn@bbbbbbbbbbbb'],
    ]);
  });

  it('says each way once where it is in a version several times', () => {
    const twice = reached({ digest: second, split: 'train' }, { digest: second, split: 'train' });
    expect(twice[0]).toEqual([3, ['learnt drawn@bbbbbbbbbbbb']]);
  });

  it('is part of a cross-fitted calibration whatever its split, and of one with a test split by it', () => {
    const held = [model(6, first, { calibratedOn: photographs, heldBack: 'test' })];
    expect(reachedBy(held, [{ digest: photographs, split: 'test' }])[0]?.links).toMatchObject([
      { as: 'tested' },
    ]);
    expect(reached({ digest: photographs, split: 'test' })[0]).toEqual([
      2,
      ['calibrated photographs@cccccccccccc'],
    ]);
  });
});

describe('the family of a model', () => {
  it('is what it went on from, itself, and what went on from it', () => {
    const family = familyOf(models, models[1]!);
    expect(family.map((each) => [nameOf(each), each.place])).toEqual([
      ['apples@1', 'before'],
      ['apples@2', 'itself'],
      ['apples@3', 'after'],
      ['apples@5', 'after'],
    ]);
    expect(family[1]?.links.map(({ as }) => as)).toEqual(['learnt', 'calibrated', 'went-on']);
  });

  it('ends where a record goes in a circle', () => {
    const circle = [model(1, first, { parent: 2 }), model(2, first, { parent: 1 })];
    expect(familyOf(circle, circle[0]!).map((each) => each.place)).toEqual(['itself', 'before']);
    expect(reachedBy(circle, [{ digest: first }])).toHaveLength(2);
  });
});
