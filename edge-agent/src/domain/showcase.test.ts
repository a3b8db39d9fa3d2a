import { defaultRecipe } from '@pomona/grading';
import { expect, it } from 'vitest';
import { fruitRecord, sampleRelease } from '../testing/sample-records.ts';
import type { GradedFruit } from './line-messages.ts';
import { Showcase } from './showcase.ts';

const labels = ['good', 'ok', 'bad'];
const release = { ref: sampleRelease(), modelFile: '', variant: 'int8', labels, inputSize: 2 };
const offered = (seq: number, grade: string) => ({
  release,
  recipe: defaultRecipe(labels),
  record: { ...(fruitRecord(seq).value as GradedFruit).fruit, grade },
  crops: (countMax: number) => Array.from({ length: countMax }, () => new Uint8Array(12)),
});

it('shows at a pace that a person can follow, and keeps what is held while the rest goes by', () => {
  const showcase = new Showcase();
  const shown = (seq: number, grade: string, nowMs: number) =>
    showcase.offer(offered(seq, grade), nowMs) !== undefined;
  expect([shown(1, 'good', 0), shown(2, 'good', 900), shown(3, 'bad', 900)]).toEqual([true, false, true]);
  expect([shown(4, 'good', 1_000), shown(5, 'bad', 1_200), shown(6, 'bad', 1_300)]).toEqual([
    true,
    false,
    true,
  ]);
  expect(showcase.hold(3)?.crops).toHaveLength(8);
  for (let i = 0; i < 200; i++) showcase.offer(offered(100 + i, i % 2 ? 'bad' : 'ok'), 10_000 + i * 1_000);
  expect([showcase.hold(1), showcase.hold(2)]).toEqual([undefined, undefined]);
  expect(showcase.hold(3)?.record.seq).toBe(3);
  // Of what is held the oldest goes as well.
  for (const seq of [299, 298, 297, 296]) expect(showcase.hold(seq)?.record.seq).toBe(seq);
  expect(showcase.hold(3)).toBeUndefined();
});
