import { expect, test } from 'vitest';
import type { Dataset } from './dataset.ts';
import { heldAgainst, type Origin, originOf } from './held-against.ts';

const right = (label: number): number[] => (label === 0 ? [1, 0] : [0, 1]);
const wrong = (label: number): number[] => right(1 - label);
const cases = Array.from({ length: 40 }, (_, at) => ({ label: at % 2, group: `g${at}`, images: 1 }));

test('leaves out what the other learned from, and tells old and new cases apart', () => {
  const origins = cases.map((_, at): Origin => (at < 10 ? 'learned' : at < 20 ? 'old' : 'new'));
  const mine = cases.map((each) => ({ ...each, logits: right(each.label) }));
  // It knows what it learned by heart, and of new images only half.
  const theirs = cases.map(({ label }, at) => ({
    logits: at < 20 || at % 4 < 2 ? right(label) : wrong(label),
  }));
  const held = heldAgainst(mine, theirs, origins, 2);
  expect(held).toMatchObject({ cases: 30, learnedCases: 10, accuracy: 1, macroF1: 1 });
  expect(held.theirAccuracy).toBeCloseTo(20 / 30);
  expect(held.byOrigin).toEqual([
    { origin: 'old', cases: 10, accuracy: 1, theirAccuracy: 1 },
    { origin: 'new', cases: 20, accuracy: 1, theirAccuracy: 0.5 },
  ]);
  expect(held.macroF1Difference![0]).toBeGreaterThan(0);
  expect(heldAgainst(mine, theirs, undefined, 2)).toMatchObject({
    cases: 40,
    learnedCases: null,
    byOrigin: [],
  });
});

test('two that err on the same cases differ by nothing, in every resample', () => {
  const logits = cases.map(({ label }, at) => ({ logits: at % 5 === 0 ? wrong(label) : right(label) }));
  const mine = cases.map((each, at) => ({ ...each, ...logits[at]! }));
  const held = heldAgainst(mine, logits, undefined, 2);
  expect(held.macroF1Difference).toEqual([0, 0]);
});

test('a fruit of which one view was learned from was learned from', () => {
  const digests = ['a', 'b', 'c', 'd'];
  const dataset = { images: digests.map((digest) => ({ digest })) } as unknown as Dataset;
  const of = (...images: number[]) => ({ images, label: 0, group: 'g' });
  const knowledge = new Map([
    ['a', 'test' as const],
    ['b', 'train' as const],
  ]);
  expect(originOf(of(0, 1), dataset, knowledge)).toBe('learned');
  expect(originOf(of(0, 2), dataset, knowledge)).toBe('old');
  expect(originOf(of(2, 3), dataset, knowledge)).toBe('new');
});
