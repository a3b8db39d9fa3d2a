import { describe, expect, it } from 'vitest';
import { type QueueCandidate, type QueueContext, queueForLabelling } from './label-queue.ts';

const atMs = Date.parse('2026-11-24T10:00:00.000Z');
let id = 0;

function candidate(change: Partial<QueueCandidate> = {}): QueueCandidate {
  return {
    ...{ id: ++id, station: 'left', line: 'line-2', reason: 'uncertain', grade: 'good' },
    // A minute apart unless a test says otherwise.
    ...{ atMs: atMs + id * 60_000, labels: ['good', 'ok', 'bad'], probabilities: [0.9, 0.06, 0.04] },
    viewVotes: null,
    candidate: null,
    ...change,
  };
}

/** All grades of all stations were labelled often. */
const labelled = ['left', 'right'].flatMap((station) =>
  ['good', 'ok', 'bad'].map((grade) => ({ station, grade, count: 1_000 })),
);
const usual: QueueContext = { drifts: [], labelled, corrected: [] };

const queued = (candidates: readonly QueueCandidate[], context = usual, countMax = 100) =>
  queueForLabelling(candidates, context, countMax);
const whyOf = (sample: QueueCandidate, context = usual) => queued([sample], context)[0]!.why;

describe('the queue for labelling', () => {
  it('has first what the model is unsure of, and says between what', () => {
    const sure = candidate();
    const unsure = candidate({ probabilities: [0.48, 0.46, 0.06] });
    expect(queued([sure, unsure]).map(({ id }) => id)).toEqual([unsure.id, sure.id]);
    expect(whyOf(unsure)).toEqual(['unsure between good and ok']);
    expect(whyOf(sure)).toEqual(['it waits for a label']);
  });

  it('puts fruit of a drift before usual fruit of the same doubt, since its alert was near', () => {
    const openedAtMs = atMs + 60 * 60_000;
    const context: QueueContext = { ...usual, drifts: [{ station: 'left', kind: 'model', openedAtMs }] };
    const sure = { probabilities: [0.97, 0.02, 0.01] };
    const drifted = candidate({ ...sure, atMs: openedAtMs - 60_000 });
    const earlier = candidate({ ...sure, atMs: openedAtMs - 3_600_000 });
    const elsewhere = candidate({ ...sure, station: 'right', atMs: openedAtMs });
    expect(queued([elsewhere, earlier, drifted], context)[0]!.id).toBe(drifted.id);
    expect(whyOf(drifted, context)).toEqual(['the fruit of left on line-2 is unlike what the model knows']);
    expect(whyOf(earlier, context)).toEqual(['it waits for a label']);
  });

  it('puts fruit on which a candidate differs before other fruit of the same doubt', () => {
    const usualFruit = candidate();
    const differs = candidate({
      reason: 'disagreeing',
      candidate: { name: 'apples', version: 5, grade: 'bad' },
    });
    expect(queued([usualFruit, differs]).map(({ id }) => id)).toEqual([differs.id, usualFruit.id]);
    expect(whyOf(differs)).toEqual(['apples 5, which is tried beside the model, calls it bad']);
  });

  it('lifts fruit of a dirty lens little, and says to clean it', () => {
    const drifts = (kind: 'camera' | 'population') => ({
      ...usual,
      drifts: [{ station: 'left', kind, openedAtMs: atMs }],
    });
    const sample = candidate();
    expect(whyOf(sample, drifts('camera'))).toEqual([
      'the pictures of left on line-2 changed: see to its lens and lamps first',
    ]);
    expect(whyOf(sample, drifts('population'))).toEqual(['the fruit of left on line-2 changed']);
    const score = (context: QueueContext) => queued([sample], context)[0]!.score;
    expect(score(drifts('camera'))).toBeLessThan(score(drifts('population')));
    expect(score(drifts('camera'))).toBeGreaterThan(score(usual));
  });

  it('tells of views that disagree and of what the operator corrected', () => {
    const split = candidate({ viewVotes: [4, 1, 3] });
    const agreed = candidate({ viewVotes: [7, 1, 0] });
    expect(queued([agreed, split])[0]!.id).toBe(split.id);
    expect(whyOf(split)).toEqual(['its views disagree: 4 look good, 3 look bad, 1 look ok']);
    expect(whyOf(agreed)).toEqual(['it waits for a label']);
    const corrected = [{ station: 'left', grade: 'good', count: 2 }];
    expect(whyOf(agreed, { ...usual, corrected })).toEqual([
      'the operator at left corrected good 2 times lately',
    ]);
  });

  it('prefers of like fruit what was labelled seldom', () => {
    const rare = candidate({ station: 'new' });
    const often = candidate();
    expect(queued([often, rare]).map(({ id }) => id)).toEqual([rare.id, often.id]);
    expect(whyOf(rare)).toEqual(['few labels of fruit that was sorted good at new (none so far)']);
  });

  it('has at most two in a row of one station and minute while others wait, and halves what is more of the same', () => {
    const unsure = { probabilities: [0.4, 0.39, 0.21] };
    const alike = Array.from({ length: 10 }, () => candidate({ ...unsure, atMs, station: 'left' }));
    const others = Array.from({ length: 8 }, () =>
      candidate({ probabilities: [0.7, 0.2, 0.1], station: 'right' }),
    );
    const queue = queued([...alike, ...others]).map(({ id }) =>
      alike.some((one) => one.id === id) ? 'a' : 'o',
    );
    expect(queue).toHaveLength(18);
    expect(queue.slice(0, 3).join('')).toBe('aao');
    const untilOthersEnd = queue.slice(0, queue.lastIndexOf('o')).join('');
    expect(untilOthersEnd).not.toContain('aaa');
    // Half of 0.99 is less than the 0.5 of the others, a quarter of it far less.
    expect(queue.slice(0, 10).filter((one) => one === 'o').length).toBeGreaterThanOrEqual(6);
  });

  it('gives every tenth place to fruit that was chosen at random', () => {
    const unsure = Array.from({ length: 30 }, () => candidate({ probabilities: [0.4, 0.39, 0.21] }));
    const random = Array.from({ length: 5 }, () =>
      candidate({ reason: 'random', probabilities: [0.999, 0.001, 0] }),
    );
    const queue = queued([...unsure, ...random], usual, 20).map(({ id }) => id);
    expect([queue[9], queue[19]]).toEqual([random[4]!.id, random[3]!.id]);
    expect(queue.filter((each) => random.some(({ id }) => id === each))).toHaveLength(2);
    expect(whyOf(random[0]!)).toEqual(['chosen at random, to see how the model does on any fruit']);
  });

  it('is the same whatever the order in which the samples come, and each is in it once', () => {
    const all = Array.from({ length: 60 }, (_, k) =>
      candidate({ probabilities: [0.5 + (k % 7) / 20, 0.3, 0.1], atMs: atMs + Math.floor(k / 4) * 60_000 }),
    );
    const queue = queued(all);
    expect(queued(all.toReversed())).toEqual(queue);
    expect(new Set(queue.map(({ id }) => id)).size).toBe(60);
    expect(queue.every(({ score }) => score >= 0 && score <= 1)).toBe(true);
  });
});
