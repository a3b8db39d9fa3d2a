import { defaultRecipe } from '@pomona/grading';
import { describe, expect, it } from 'vitest';
import type { ExplainedFruit } from '../domain/explained-fruit.ts';
import type { FromLine, GradedFruit } from '../domain/line-messages.ts';
import { fruitRecord, sampleRelease } from '../testing/sample-records.ts';
import { LineShow } from './show-line.ts';

const labels = ['good', 'ok', 'bad'];
const label = { grade: 'ok', source: 'line-operator' };
const belt = { red: 30, green: 31, blue: 32 };
const frame = { width: 2, height: 1, seq: 5, capturedAtMs: 0, encoderMm: 0 };

function fruit(seq: number, change: Partial<GradedFruit['fruit']> = {}, crops = 3): ExplainedFruit {
  const views = Array.from({ length: crops }, (_, i) => new Uint8Array(12).fill(i));
  return {
    release: { ref: sampleRelease(), modelFile: '', variant: 'int8', labels, inputSize: 2 },
    recipe: defaultRecipe(labels),
    record: { ...(fruitRecord(seq).value as GradedFruit).fruit, ...change },
    viewProbabilities: views.map(() => [0.9, 0.08, 0.02]),
    keptViews: () => views.map((_, i) => ({ travelMm: i, probabilities: [0.9, 0.08, 0.02] })),
    crops: (countMax) => views.slice(0, countMax),
    centralCrops: (countMax) => views.slice(0, countMax),
  };
}

function build(store: () => Promise<void> = async () => undefined) {
  const said: FromLine[] = [];
  let nowMs = 0;
  const clock = { monotonicMs: () => nowMs };
  const show = new LineShow({ say: (message) => said.push(message), clock, belt: () => belt, label: store });
  return { show, said, pass: (ms: number) => (nowMs += ms) };
}

describe('a shown line', () => {
  it('tells of every fruit, and shows some with a view and a reason', () => {
    const { show, said } = build();
    show.decided(fruit(1));
    show.decided(fruit(2));
    show.decided(fruit(3, { grade: 'bad', outcome: 'unseen' }, 0));
    show.decided(fruit(4, { grade: 'bad', outcome: 'unseen', paused: true }));
    expect(said).toMatchObject([
      {
        ...{ kind: 'decided', grade: 'good', outcome: 'graded' },
        shown: {
          seq: 1,
          isReject: false,
          reason: 'looks good (90\u00a0%)',
          view: new Uint8Array(12).fill(1),
        },
      },
      { kind: 'decided', grade: 'good', outcome: 'graded' },
      {
        kind: 'decided',
        grade: 'bad',
        outcome: 'unseen',
        shown: { seq: 3, isReject: true, view: undefined },
      },
      { kind: 'decided', grade: 'bad', outcome: 'paused' },
    ]);
    expect([said[1], said[3]].map((message) => message && 'shown' in message)).toEqual([false, false]);
  });

  it('shows a fruit beside all grades of its recipe, and the model’s labels to correct it by', () => {
    const { show, said } = build();
    const recipe = { ...defaultRecipe(labels), grades: ['extra', 'class-1', 'out'] };
    show.decided({ ...fruit(1, { grade: 'extra' }), recipe });
    expect(said).toMatchObject([{ shown: { grade: 'extra', labels } }]);
  });

  it('copies a frame when it was asked for one, and only then', async () => {
    const { show, said } = build();
    const pixels = new SharedArrayBuffer(6);
    const looked = (value: number) =>
      show.graded({ ...frame, data: new Uint8Array(9).fill(value) }, () => []);
    looked(1);
    await show.obey({ kind: 'look', pixels });
    looked(2);
    looked(3);
    expect(said).toEqual([{ kind: 'looked', seq: 5, fruit: [] }]);
    expect([...new Uint8Array(pixels)]).toEqual([2, 2, 2, 2, 2, 2]);
  });

  it('stores a fruit with what a person says it is, or says why not', async () => {
    const stored: unknown[] = [];
    const { show, said } = build(async (...args: unknown[]) => void stored.push(args));
    show.decided(fruit(1));
    said.length = 0;
    await show.obey({ kind: 'views', seq: 1 });
    await show.obey({ kind: 'correct', seq: 1, label });
    await show.obey({ kind: 'correct', seq: 2, label });
    await show.obey({ kind: 'views', seq: 2 });
    expect(said).toMatchObject([
      { kind: 'views', seq: 1, size: 2, crops: [{}, {}, {}] },
      { kind: 'corrected', seq: 1 },
      { kind: 'corrected', seq: 2, problem: 'its views are not kept any more' },
      { kind: 'views', seq: 2, crops: [] },
    ]);
    expect(said[1]).not.toHaveProperty('problem');
    expect(stored).toMatchObject([[{ record: { seq: 1 } }, label]]);
    const broken = build(async () => {
      throw new Error('no disk');
    });
    broken.show.decided(fruit(1));
    await broken.show.obey({ kind: 'correct', seq: 1, label });
    expect(broken.said.at(-1)).toEqual({ kind: 'corrected', seq: 1, problem: 'no disk' });
  });
});
