import { seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { calibratedLogits, fittedCalibration, type GroupedCase } from './score-calibration.ts';
import { softmax } from './softmax.ts';

const random = seededRandom(1, 'score-calibration');

/** Logits between -3 and 3 whose true ones are 2 · logits + `shift`. */
function drawn(count: number, group: string, shift: readonly number[] = [0, -1]): GroupedCase[] {
  return Array.from({ length: count }, () => {
    const logits = shift.map((_, at) => (at === 0 ? 0 : 6 * random.next() - 3));
    const p = softmax(calibratedLogits(logits, { scale: 2, shift }));
    const drawnAt = random.next();
    const label = p.filter(
      (_, at) => p.slice(0, at + 1).reduce((sum, share) => sum + share) < drawnAt,
    ).length;
    return { logits, group, label: Math.min(label, shift.length - 1) };
  });
}

/** All grades weigh the same: a limit moves by the logarithm of the odds of both its grades. */
function balanced(shift: readonly number[], cases: readonly GroupedCase[]): number[] {
  const count = (wanted: number): number => cases.filter(({ label }) => label === wanted).length;
  return shift.map((each, at) => each - Math.log(count(at) / count(0)));
}

test.each([[[0, -1]], [[0, 1, -2]]])('finds the numbers that labels were drawn by: shift %j', (shift) => {
  const cases = drawn(5_000, 'a', shift);
  const fitted = fittedCalibration(cases, shift.length);
  expect(fitted.scale).toBeCloseTo(2, 0);
  balanced(shift, cases).forEach((each, at) => {
    expect(fitted.shift[at]).toBeCloseTo(each, 0);
  });
  expect(fitted.shift[0]).toBe(0);
});

test('a session counts the same however many images it has', () => {
  const cases = [...drawn(200, 'a'), ...drawn(100, 'b')];
  const ofB = cases.filter(({ group }) => group === 'b');
  const [once, often] = [cases, [...cases, ...ofB, ...ofB]].map((each) => fittedCalibration(each, 2));
  expect(often!.scale).toBeCloseTo(once!.scale, 6);
  expect(often!.shift[1]).toBeCloseTo(once!.shift[1]!, 6);
});

test('stays finite where the grades are separate, and refuses a grade without images', () => {
  const separate = [-5, -4, 4, 5].map((score) => ({
    logits: [0, score],
    label: score > 0 ? 1 : 0,
    group: 'a',
  }));
  const { scale, shift } = fittedCalibration(separate, 2);
  expect(Number.isFinite(scale) && scale > 0).toBe(true);
  expect(Math.abs(shift[1]!)).toBeLessThan(1);
  expect(() => fittedCalibration(separate.slice(0, 2), 2)).toThrow(RangeError);
});
