import { seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { fittedScoreCalibration, type ScoredCase } from './score-calibration.ts';

const random = seededRandom(1, 'score-calibration');

/** Scores between -3 and 3 whose true logit is 2 · score - 1. */
function drawn(count: number, group: string): ScoredCase[] {
  return Array.from({ length: count }, () => {
    const score = 6 * random.next() - 3;
    return { score, group, isBad: random.next() < 1 / (1 + Math.exp(-(2 * score - 1))) };
  });
}

test('finds the line that the scores were drawn from', () => {
  const cases = drawn(20_000, 'a');
  const { scale, shift } = fittedScoreCalibration(cases);
  expect(scale).toBeCloseTo(2, 0);
  // Both grades weigh the same: the limit moves by the logarithm of their odds.
  const bad = cases.filter(({ isBad }) => isBad).length / cases.length;
  expect(shift).toBeCloseTo(-1 - Math.log(bad / (1 - bad)), 0);
});

test('a session counts the same however many images it has', () => {
  const cases = [...drawn(200, 'a'), ...drawn(100, 'b')];
  const repeated = [
    ...cases,
    ...cases.filter(({ group }) => group === 'b'),
    ...cases.filter(({ group }) => group === 'b'),
  ];
  const [once, often] = [fittedScoreCalibration(cases), fittedScoreCalibration(repeated)];
  expect(often.scale).toBeCloseTo(once.scale, 6);
  expect(often.shift).toBeCloseTo(once.shift, 6);
});

test('stays finite where the grades are separate, and refuses one grade alone', () => {
  const separate = [-5, -4, 4, 5].map((score) => ({ score, isBad: score > 0, group: 'a' }));
  const { scale, shift } = fittedScoreCalibration(separate);
  expect(Number.isFinite(scale) && scale > 0).toBe(true);
  expect(Math.abs(shift)).toBeLessThan(1);
  expect(() => fittedScoreCalibration(separate.slice(0, 2))).toThrow(RangeError);
});
