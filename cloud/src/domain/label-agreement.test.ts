import { describe, expect, it } from 'vitest';
import { agreementFruitsMin, labelAgreement, type TwoOpinions } from './label-agreement.ts';

/** So many fruits each, with these two labels. */
function opinions(counts: Record<string, number>, first = 'ann', second = 'ben'): TwoOpinions[] {
  return Object.entries(counts).flatMap(([labels, count]) => {
    const [one = '', other = ''] = labels.split(' ');
    return Array.from({ length: count }, () => ({
      first: { by: first, label: one },
      second: { by: second, label: other },
    }));
  });
}

describe('the agreement of people who label', () => {
  it('is Cohen’s κ', () => {
    // The usual textbook table: pₒ 0.7, pₑ 0.5.
    const { overall, pairs } = labelAgreement(
      opinions({ 'good good': 20, 'good bad': 5, 'bad good': 10, 'bad bad': 15 }),
    );
    expect(overall).toMatchObject({ fruits: 50, agreed: 35, verdict: 'poor' });
    expect(overall.kappa).toBeCloseTo(0.4, 10);
    // Wilson's interval of 35 of 50 is 0.5625 to 0.8090.
    expect(overall.interval![0]).toBeCloseTo(0.125, 2);
    expect(overall.interval![1]).toBeCloseTo(0.618, 2);
    expect(overall.mostly).toEqual({ grades: ['bad', 'good'], fruits: 15 });
    expect(overall.words).toContain('agree on 35 of 50 fruits (70 %), hardly more than by chance');
    expect(pairs).toMatchObject([{ people: ['ann', 'ben'], fruits: 50 }]);
  });

  it('is of two people whoever came first, and of each two by themselves', () => {
    const { overall, pairs } = labelAgreement([
      ...opinions({ 'good good': 30, 'ok good': 2, 'ok ok': 8 }),
      ...opinions({ 'good good': 20, 'good ok': 3, 'ok ok': 7 }, 'ben', 'ann'),
      ...opinions({ 'good good': 5 }, 'cleo', 'ann'),
    ]);
    expect(overall.fruits).toBe(75);
    expect(pairs.map(({ people, fruits }) => [people, fruits])).toEqual([
      [['ann', 'ben'], 70],
      [['ann', 'cleo'], 5],
    ]);
    // Ann said ok where Ben said good, all five times.
    const same = labelAgreement(opinions({ 'good good': 50, 'ok good': 5, 'ok ok': 15 }));
    expect(pairs[0]!.kappa).toBeCloseTo(same.overall.kappa!, 10);
  });

  it('is not told of too few fruits', () => {
    const few = labelAgreement(opinions({ 'good good': agreementFruitsMin - 1 })).overall;
    expect(few).toMatchObject({ kappa: null, interval: null, verdict: 'insufficient-data' });
    expect(few.words).toContain('Insufficient data: at least 30 are needed.');
    expect(labelAgreement([]).overall.words).toBe(
      'No fruit was labelled by two people so far. Insufficient data: at least 30 are needed.',
    );
  });

  it('says nothing where only one grade was given, and leaves room for doubt where all agree', () => {
    expect(labelAgreement(opinions({ 'good good': 40 })).overall).toMatchObject({
      kappa: null,
      verdict: 'one-grade',
    });
    const all = labelAgreement(opinions({ 'good good': 20, 'ok ok': 20 })).overall;
    expect(all).toMatchObject({ kappa: 1, verdict: 'very-good', mostly: null });
    expect(all.interval![0]).toBeLessThan(0.85);
    expect(all.interval![1]).toBe(1);
  });
});
