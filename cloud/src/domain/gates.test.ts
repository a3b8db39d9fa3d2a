import type { Evaluation } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { type GateSubject, judgeGates } from './gates.ts';
import { defaultTargets } from './project-targets.ts';

const labels = ['good', 'ok', 'bad'];

function evaluation(confusion: number[][], change: Partial<Evaluation> = {}): Evaluation {
  const sum = (row: readonly number[]) => row.reduce((total, each) => total + each, 0);
  const perClass = labels.map((label, at) => ({
    label,
    precision: null,
    recall: sum(confusion[at]!) === 0 ? null : confusion[at]![at]! / sum(confusion[at]!),
    f1: null,
    support: sum(confusion[at]!),
  }));
  const macroF1 =
    labels.reduce((total, _, at) => {
      return (
        total + (2 * confusion[at]![at]!) / (sum(confusion[at]!) + sum(confusion.map((row) => row[at]!)))
      );
    }, 0) / labels.length;
  const rest = {
    unit: 'fruit',
    images: 0,
    groups: 0,
    accuracy: 0,
    balancedAccuracy: 0,
    byGroup: [],
  } as const;
  return { ...rest, macroF1, confusion, perClass, ece: 0.02, ...change, byGroup: change.byGroup ?? [] };
}

const fine = [
  [95, 5, 0],
  [4, 93, 3],
  [0, 4, 96],
];
const poor = [
  [60, 30, 10],
  [20, 60, 20],
  [10, 30, 60],
];

function subject(own: Evaluation, change: Partial<GateSubject['model']> = {}): GateSubject['model'] {
  const dataset = { name: 'apples', digest: 'a'.repeat(64) };
  return { labels, dataset, evaluation: own, releaseBytes: 1_000, ...change };
}

const verdicts = (gates: ReturnType<typeof judgeGates>) =>
  Object.fromEntries(gates.map(({ name, verdict }) => [name, verdict]));

describe('the gates', () => {
  it('let a good model pass, and say what they lack the data for', () => {
    const found = verdicts(judgeGates({ model: subject(evaluation(fine)), targets: defaultTargets }));
    expect(found).toEqual({
      'macro-f1': 'passed',
      'macro-f1-against-champion': 'insufficient-data',
      'recall-good': 'passed',
      'recall-ok': 'passed',
      'recall-bad': 'passed',
      'bad-as-good': 'passed',
      'group-gap': 'insufficient-data',
      ece: 'passed',
      'export-parity': 'insufficient-data',
      latency: 'insufficient-data',
      'release-bytes': 'passed',
    });
  });

  it('say of a floor of a grade that the model has not that nothing holds it', () => {
    const targets = { ...defaultTargets, recallFloors: { bad: 0.9, bat: 0.95 } };
    const gates = judgeGates({ model: subject(evaluation(fine)), targets });
    expect(gates.find(({ name }) => name === 'recall-bat')).toMatchObject({
      ...{ figure: null, limit: 0.95, verdict: 'insufficient-data' },
      detail: 'no grade of this model is bat',
    });
    expect(gates.find(({ name }) => name === 'recall-bad')).toMatchObject({ limit: 0.9, verdict: 'passed' });
  });

  it('hold the faster variant to what a board may take', () => {
    const variants = [
      { name: 'fp32', msPerView: 0.3 },
      { name: 'int8', msPerView: 0.2 },
    ] as NonNullable<GateSubject['model']['variants']>;
    const model = subject(evaluation(fine), { variants });
    const latencyOf = (change: Partial<typeof defaultTargets>) =>
      judgeGates({ model, targets: { ...defaultTargets, ...change } }).find(
        ({ name }) => name === 'latency',
      )!;
    expect(latencyOf({})).toMatchObject({ limit: 100, verdict: 'passed' });
    expect(latencyOf({}).figure).toBeCloseTo(0.2 * 8 * 10, 9);
    expect(latencyOf({ maxLatencyMs: 15 }).verdict).toBe('failed');
    expect(latencyOf({ maxLatencyMs: 15, boardSlowdown: 9 }).verdict).toBe('passed');
  });

  it('name each rule that a poor model breaks', () => {
    const found = verdicts(
      judgeGates({ model: subject(evaluation(poor, { ece: 0.051 })), targets: defaultTargets }),
    );
    for (const name of ['macro-f1', 'recall-good', 'recall-bad', 'bad-as-good', 'ece'])
      expect(found[name], name).toBe('failed');
  });

  it('hold a model against the champion on the same test split only, within chance', () => {
    const champion = { name: 'apples', version: 1, ...subject(evaluation(fine)) };
    const against = (own: number[][], change: Partial<GateSubject['model']> = {}) =>
      verdicts(judgeGates({ model: subject(evaluation(own), change), champion, targets: defaultTargets }))[
        'macro-f1-against-champion'
      ];
    expect(against(poor)).toBe('failed');
    const slightlyWorse = [[94, 6, 0], ...fine.slice(1)];
    expect(against(slightlyWorse)).toBe('passed');
    const elsewhere = { dataset: { name: 'apples', digest: 'b'.repeat(64) } };
    expect(against(poor, elsewhere)).toBe('insufficient-data');
    const held = (low: number, high: number) => ({
      ...elsewhere,
      heldAgainst: [
        {
          ...{ model: { name: 'apples', version: 1 }, cases: 30, learnedCases: 4, byOrigin: [] },
          ...{ accuracy: 0.9, theirAccuracy: 0.95, macroF1: 0.9, theirMacroF1: 0.95 },
          macroF1Difference: [low, high] as [number, number],
        },
      ],
    });
    expect(against(fine, held(-0.1, -0.01))).toBe('failed');
    expect(against(poor, held(-0.1, 0.01))).toBe('passed');
  });

  it('fail a model whose file says something else than the trainer', () => {
    const parity = (exportDifference: number) =>
      judgeGates({ model: subject(evaluation(fine), { exportDifference }), targets: defaultTargets }).find(
        ({ name }) => name === 'export-parity',
      );
    expect(parity(0.0001)).toMatchObject({
      figure: 0.0001,
      limit: 0.0001,
      comparison: '<=',
      verdict: 'passed',
    });
    expect(parity(0.00011)?.verdict).toBe('failed');
  });

  it('compare groups of 100 or more, and int8 with fp32', () => {
    const byGroup = [
      { group: 'gala', images: 100, accuracy: 0.99 },
      { group: 'russet', images: 100, accuracy: 0.93 },
      { group: 'rare', images: 99, accuracy: 0.1 },
    ];
    const variant = { file: 'x', bytes: 1, ece: 0, msPerView: 1 };
    const variants = [
      { ...variant, name: 'fp32', accuracy: 0.95, agreement: 1 },
      { ...variant, name: 'int8', accuracy: 0.945, agreement: 0.97 },
    ];
    const gates = judgeGates({
      model: subject(evaluation(fine, { byGroup }), { variants }),
      targets: defaultTargets,
    });
    expect(gates.find(({ name }) => name === 'group-gap')?.figure).toBeCloseTo(0.06);
    const recallGaps = [
      { label: 'good', groups: 2, gap: 0.02, worst: 'gala' },
      { label: 'bad', groups: 3, gap: 0.08, worst: 'russet' },
      { label: 'ok', groups: 1, gap: null, worst: null },
    ];
    const byRecall = judgeGates({
      model: subject(evaluation(fine, { recallGaps })),
      targets: { ...defaultTargets, maxErrorCost: 0 },
    });
    expect(byRecall.find(({ name }) => name === 'group-gap')).toMatchObject({
      ...{ figure: 0.08, verdict: 'failed' },
      detail: 'recall of bad between 3 groups, worst in russet',
    });
    expect(verdicts(byRecall)['error-cost']).toBe('failed');
    expect(verdicts(gates)).toMatchObject({
      'group-gap': 'failed',
      'int8-accuracy-loss': 'passed',
      'int8-fused': 'insufficient-data',
      'int8-time': 'passed',
      'int8-agreement': 'failed',
    });
    const byVariety = [...recallGaps, { label: 'ok', groups: 4, gap: 0.2, worst: 'gala', by: 'variety' }];
    const varied = judgeGates({
      model: subject(evaluation(fine, { recallGaps: byVariety })),
      targets: defaultTargets,
    });
    expect(varied.find(({ name }) => name === 'group-gap')).toMatchObject({
      ...{ figure: 0.2, verdict: 'failed', detail: 'recall of ok between 4 varieties, worst in gala' },
    });
  });

  it('want int8 in integers throughout, no slower than fp32, and no less right at the bound of 95 %', () => {
    const layers = [
      { layer: 'conv1', signalToNoiseDb: 31, bits: 8 as const },
      { layer: 'conv2', signalToNoiseDb: 9, bits: 8 as const },
    ];
    const judged = (change: { bits?: 32; ms?: number; bound?: number }) => {
      const figures = { file: 'x', bytes: 1, ece: 0, accuracy: 0.95 };
      const quantization = {
        ...{ ranges: 'minmax', tried: [] },
        layers: layers.map((layer) => ({ ...layer, bits: change.bits ?? layer.bits })),
      };
      const bound = change.bound === undefined ? {} : { accuracyLossBound: change.bound };
      const variants = [
        { ...figures, name: 'fp32', agreement: 1, msPerView: 0.2 },
        { ...figures, name: 'int8', agreement: 0.99, msPerView: change.ms ?? 0.1, quantization, ...bound },
      ];
      const gates = judgeGates({ model: subject(evaluation(fine), { variants }), targets: defaultTargets });
      return new Map(gates.map((gate) => [gate.name, gate]));
    };
    const good = judged({ bound: 0.01 });
    for (const name of ['int8-fused', 'int8-time', 'int8-accuracy-loss', 'int8-agreement'])
      expect(good.get(name)?.verdict, name).toBe('passed');
    expect(judged({ bits: 32 }).get('int8-fused')).toMatchObject({
      ...{ figure: 2, limit: 0, verdict: 'failed', detail: 'convolutions left in floats: conv1, conv2' },
    });
    expect(judged({ ms: 0.21 }).get('int8-time')).toMatchObject({ limit: 1, verdict: 'failed' });
    expect(judged({ bound: 0.012 }).get('int8-accuracy-loss')).toMatchObject({
      ...{ figure: 0.012, limit: 0.01, verdict: 'failed', detail: '95 % bound, case by case; found 0.0000' },
    });
  });
});
