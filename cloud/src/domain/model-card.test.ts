import type { Evaluation, ModelView } from '@pomona/wire';
import { describe, expect, it } from 'vitest';
import { renderCard } from './card-document.ts';
import { compareModels } from './compare-models.ts';
import { type CardFacts, modelCard } from './model-card.ts';
import { defaultTargets } from './project-targets.ts';

const evaluation: Evaluation = {
  ...{
    unit: 'fruit',
    images: 120,
    groups: 40,
    accuracy: 0.9,
    balancedAccuracy: 0.9,
    macroF1: 0.88,
    ece: 0.03,
  },
  confusion: [],
  perClass: [
    { label: 'good', precision: 0.9, recall: 0.95, f1: 0.92, support: 100 },
    { label: 'bad', precision: null, recall: 0.5, f1: null, support: 20 },
  ],
  byGroup: [],
};

const model = (change: Partial<ModelView> = {}): ModelView => ({
  ...{ name: 'apples', version: 2, digest: 'b'.repeat(64), createdAt: '2026-10-01T00:00:00.000Z' },
  labels: ['good', 'bad'],
  dataset: { name: 'orchard', digest: 'd'.repeat(64) },
  ...{ network: 'sequential', parameters: { epochs: 6 }, seed: 1, codeRevision: 'abc', releaseBytes: 90_000 },
  ...{ evaluation, trainImagesPerSecond: 900 },
  ...change,
});

const facts = (change: Partial<CardFacts> = {}): CardFacts => ({
  model: model(),
  dataset: undefined,
  project: {
    version: 1,
    at: null,
    actor: null,
    targets: { ...defaultTargets, problem: 'sort <apples> | pears' },
  },
  aliases: [{ alias: 'champion', version: 2, at: '2026-10-02T00:00:00.000Z', actor: 'anna' }],
  log: [],
  ancestors: ['apples@1'],
  worst: [],
  stations: ['valley/line-2/left'],
  ...change,
});

describe('a model card', () => {
  it('shows the worst mistakes with what spoke for the grade, and nothing of them where there are none', () => {
    const worst = [
      {
        cropPng: 'AAAA',
        explainedPng: 'BBBB',
        truth: 'bad',
        graded: 'good',
        probability: 0.01,
        group: '<a>',
        source: 'bad/7.jpg',
      },
    ];
    const card = renderCard(modelCard(facts({ worst })), 'html');
    expect(card).toContain(
      'base64,AAAA"><img alt="" width="160" height="160" src="data:image/png;base64,BBBB"',
    );
    expect(card).toContain('bad, graded good; 1.0 % for bad; bad/7.jpg of &lt;a&gt;');
    expect(renderCard(modelCard(facts()), 'html')).not.toContain('Worst mistakes');
  });

  it('has what is to be known of the dataset among its limits', () => {
    const note = 'no group is known';
    const dataset: NonNullable<CardFacts['dataset']> = {
      ...{
        name: 'orchard',
        digest: 'd'.repeat(64),
        createdAt: '2026-11-24T08:00:00.000Z',
        source: 'box.zip',
      },
      ...{ labels: ['good', 'bad'], inputSize: 64, images: 6, groups: 6, viewsPerFruit: 1, byGrade: [] },
      ...{ bySplit: [], quarantined: [], leftOut: [], notes: [note] },
    };
    expect(renderCard(modelCard(facts({ dataset })), 'markdown')).toContain(`orchard: ${note}.`);
  });

  it('tells varieties and old and new images apart where that is known', () => {
    const groups = [
      { group: 'gala', images: 40, accuracy: 0.95 },
      { group: 'russet', images: 30, accuracy: 0.7 },
    ];
    const byOrigin = [{ origin: 'old' as const, cases: 50, accuracy: 0.88, theirAccuracy: 0.9 }];
    const held = {
      ...{ model: { name: 'apples', version: 1 }, cases: 50, learnedCases: 0, byOrigin },
      ...{ accuracy: 0.88, theirAccuracy: 0.9, macroF1: 0.8, theirMacroF1: 0.8, macroF1Difference: null },
    };
    const told = model({
      evaluation: { ...evaluation, byKnown: [{ by: 'variety', groups }] },
      heldAgainst: [held],
    });
    const card = renderCard(modelCard(facts({ model: told })), 'markdown');
    expect(card).toContain('| variety, worst first | images | accuracy |\n|---|---|---|\n| russet | 30 |');
    expect(card).toContain('| apples@1 | old | 50 | 88.0 % | 90.0 % |');
    expect(card).not.toContain('were not told apart');
    expect(renderCard(modelCard(facts()), 'markdown')).toContain('were not told apart');
  });

  it('has the confusion matrix, intervals, areas and the cost of mistakes, and draws the curves in HTML', () => {
    const curves: { roc: [number, number][]; pr: [number, number][] } = {
      roc: [
        [0, 0],
        [0.25, 1],
        [1, 1],
      ],
      pr: [[0.5, 1]],
    };
    const [good, bad] = evaluation.perClass;
    const told = model({
      errorCost: {
        perCase: 0.25,
        costs: [
          [0, 1],
          [20, 0],
        ],
      },
      evaluation: {
        ...evaluation,
        rawEce: 0.08,
        intervals: { accuracy: [0.85, 0.94], balancedAccuracy: [0.8, 0.95], macroF1: [0.7, 0.9] },
        confusion: [
          [95, 5],
          [10, 10],
        ],
        perClass: [
          { ...good!, recallInterval: [0.9, 0.98], auc: 0.97, averagePrecision: 0.96, curves },
          bad!,
        ],
      },
    });
    const card = renderCard(modelCard(facts({ model: told })), 'markdown');
    for (const said of [
      '| accuracy | 90.0 % (85.0 % to 94.0 %) |',
      '| calibration error (ECE) | 3.0 %, 8.0 % before calibration |',
      '| cost of mistakes per fruit | 0.250 |',
      '| good | 90.0 % | 95.0 % (90.0 % to 98.0 %) | 92.0 % | 0.970 | 0.960 | 100 |',
      '| good | 95 | 5 |\n| bad | 10 | 10 |',
    ])
      expect(card).toContain(said);
    expect(card).not.toMatch(/ROC\b(?! area)|\n\n\n/);
    const html = renderCard(modelCard(facts({ model: told })), 'html');
    // From the lower left corner to the upper right one.
    expect(html).toContain('<polyline points="34.0,248.0 94.0,8.0 274.0,8.0"');
    expect(html).toContain('<b>Precision and recall</b>');
    expect(renderCard(modelCard(facts()), 'html')).not.toContain('<polyline');
  });

  it('says what is known, and what follows from the figures about its limits', () => {
    const card = renderCard(modelCard(facts()), 'markdown');
    for (const said of ['champion', 'apples@1', 'valley/line-2/left', '90.0 %', 'only 20 cases of bad'])
      expect(card).toContain(said);
    expect(card).not.toContain('only 100 cases');
    expect(card).toContain('never held against gates');
    expect(card).toContain('not calibrated on photographs');
  });

  it('says of a calibration without a test split that it was judged on what it was fitted to, part by part', () => {
    const dataset = { name: 'photographs', digest: 'c'.repeat(64) };
    const before = { accuracy: 0.5, balancedAccuracy: 0.5, ece: 0.3 };
    const by = (heldBack: 'test' | 'images', seenJudged: number | null = 0, seenImages = seenJudged) => {
      const calibration = {
        ...{ scale: 1, shift: [0, 0], dataset, images: 60, groups: 3, heldBack, before },
        ...{ seenImages, seenJudged },
      };
      return renderCard(modelCard(facts({ model: model({ calibration }) })), 'markdown');
    };
    expect(by('test')).toContain('groups that training never saw.');
    expect(by('test', 0, 12)).toContain('groups that training never saw.');
    expect(by('test', null)).toContain(
      'groups of which it is not known whether the network learned from them.',
    );
    expect(by('test', 12)).not.toContain('training never saw.');
    expect(by('test', 12)).toContain('photographs of which the network had learned from 12:');
    expect(by('images')).not.toContain('groups that training never saw.');
    expect(by('images')).toContain('each image judged by a calibration on others of the same groups.');
  });

  it('names each gate that failed or was not shown', () => {
    const gates: ModelView['gates'] = [
      { name: 'ece', figure: 0.2, limit: 0.05, comparison: '<=', verdict: 'failed', detail: '' },
      { name: 'bytes', figure: 320_871, limit: 1e7, comparison: '<=', verdict: 'passed', detail: '' },
      { name: 'gap', figure: null, limit: 0.05, comparison: '<=', verdict: 'insufficient-data', detail: '' },
    ];
    const card = renderCard(modelCard(facts({ model: model({ gates }) })), 'markdown');
    expect(card).toContain('It fails the gate ece.');
    expect(card).toContain('Not shown for want of data: gap.');
    expect(card).toContain('| bytes | 320871 |');
  });

  it('lets no text of the registry become markup', () => {
    const html = renderCard(modelCard(facts()), 'html');
    expect(html).toContain('sort &lt;apples&gt; | pears');
    expect(html).not.toContain('<apples>');
    const evil = facts({
      log: [
        { at: 'now', name: 'apples', actor: '<img src=x>', action: 'a|b', reason: '**c**', detail: '\n# d' },
      ],
    });
    expect(renderCard(modelCard(evil), 'html')).not.toContain('<img');
    expect(renderCard(modelCard(evil), 'markdown')).toContain(
      '| now | \\<img src=x\\> | a\\|b | \\*\\*c\\*\\* |  \\# d |',
    );
  });
});

describe('a comparison', () => {
  it('says what the second gains and loses, and what was made differently', () => {
    const better = { ...evaluation, accuracy: 0.95, ece: 0.04 };
    const other = model({ version: 3, evaluation: better, parameters: { epochs: 8 } });
    const { figures, settings, notes } = compareModels(model(), other);
    const figure = (name: string) => figures.find((each) => each.name === name);
    expect(figure('accuracy')).toMatchObject({ a: 0.9, b: 0.95, better: 'b' });
    expect(figure('accuracy')?.difference).toBeCloseTo(0.05);
    expect(figure('ECE')).toMatchObject({ better: 'a' });
    expect(figure('macro-F1')).toMatchObject({ difference: 0, better: 'same' });
    expect(figure('precision of bad')).toMatchObject({ a: null, difference: null, better: null });
    expect(settings).toEqual([{ name: 'epochs', a: '6', b: '8' }]);
    expect(notes).toEqual([]);
  });

  it('holds variants against each other too, and names the gates that failed', () => {
    const variant = { name: 'int8', file: 'x', bytes: 9, msPerView: 0.1, accuracy: 0.9 };
    const gate = { figure: 1, limit: 0, comparison: '<=', detail: '' } as const;
    const gates: ModelView['gates'] = [
      { ...gate, name: 'int8-fused', verdict: 'failed' },
      { ...gate, name: 'ece', verdict: 'failed' },
      { ...gate, name: 'group-gap', verdict: 'insufficient-data' },
    ];
    const { figures, notes } = compareModels(
      model({ variants: [{ ...variant, agreement: 0.97, ece: 0.02 }], gates }),
      model({ version: 3, variants: [{ ...variant, agreement: 0.99, ece: 0.03 }], gates: [] }),
    );
    const figure = (name: string) => figures.find((each) => each.name === name);
    expect(figure('int8 says as fp32')).toMatchObject({ unit: 'share', a: 0.97, b: 0.99, better: 'b' });
    expect(figure('int8 ECE')).toMatchObject({ a: 0.02, b: 0.03, better: 'a' });
    expect(figure('failed gates')).toMatchObject({ a: 2, b: 0, better: 'b' });
    expect(notes).toEqual(['apples@2 fails int8-fused, ece.']);
  });

  it('warns where a difference may be of the images', () => {
    const other = model({ dataset: { name: 'orchard', digest: 'e'.repeat(64) }, labels: ['fine', 'poor'] });
    expect(compareModels(model(), other).notes).toHaveLength(2);
  });

  it('goes by the photographs of a calibrated version, and says which they were', () => {
    const calibration = (
      heldBack: 'test' | 'groups',
      digest = 'e',
    ): NonNullable<ModelView['calibration']> => ({
      ...{ scale: 1, shift: [0, 0.5], images: 90, groups: 30, heldBack },
      dataset: { name: 'line', digest: digest.repeat(64) },
      before: { accuracy: 0.8, balancedAccuracy: 0.8, ece: 0.1 },
    });
    const [calibrated, next] = [calibration('groups'), calibration('groups')].map((each) =>
      model({ calibration: each }),
    );
    expect(compareModels(calibrated!, next!)).toMatchObject({ settings: [], notes: [] });
    const { settings, notes } = compareModels(model(), calibrated!);
    expect(settings).toEqual([
      { name: 'calibrated on', a: 'nothing', b: 'line@eeeeeeeeeeee, held back: groups' },
    ]);
    expect(notes).toEqual([expect.stringContaining('different images')]);
    // What their networks learnt from is no matter where both were measured on the same photographs.
    const relearnt = model({
      calibration: calibration('groups'),
      dataset: { name: 'drawn', digest: 'f'.repeat(64) },
    });
    expect(compareModels(calibrated!, relearnt).notes).toEqual([]);
    for (const other of [calibration('test'), calibration('groups', 'a')])
      expect(compareModels(calibrated!, model({ calibration: other })).notes).toHaveLength(1);
  });

  it('has what mistakes cost, and says where they were priced differently', () => {
    const priced = (
      perCase: number,
      costs = [
        [0, 1],
        [5, 0],
      ],
    ) => model({ errorCost: { perCase, costs } });
    const costIn = (other: ModelView) =>
      compareModels(priced(0.5), other).figures.find(({ name }) => name === 'error cost');
    expect(costIn(priced(0.25))).toMatchObject({
      unit: 'cost',
      a: 0.5,
      b: 0.25,
      difference: -0.25,
      better: 'b',
    });
    expect(costIn(model())).toMatchObject({ a: 0.5, b: null, better: null });
    expect(compareModels(priced(0.5), priced(0.25)).notes).toEqual([]);
    expect(
      compareModels(
        priced(0.5),
        priced(0.25, [
          [0, 1],
          [9, 0],
        ]),
      ).notes,
    ).toHaveLength(1);
  });
});
