import { seededRandom } from '@pomona/wire';
import { expect, test } from 'vitest';
import { HeardSums } from './heard.ts';
import { roundingBy, roundTogether } from './round-together.ts';

const random = seededRandom(4, 'rounding');
const length = 24;

/** Inputs that have much to do with their neighbours, as those of a picture have. */
const inputs = Array.from({ length: 2_000 }, () => {
  let before = 0;
  return Float32Array.from({ length }, () => {
    before = 0.9 * before + (random.next() - 0.5);
    return before + 1;
  });
});
const weights = Float32Array.from({ length }, () => 2 * random.next() - 1);
const scale = 1 / 20;

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += a[at]! * b[at]!;
  return sum;
};
/** Mean square of what rounding changes in the answers, but for their mean if `isCentred`. */
function noiseOf(rounded: Int8Array, isCentred: boolean): number {
  const errors = inputs.map((each) => dot(rounded, each) * scale - dot(weights, each));
  const mean = isCentred ? errors.reduce((sum, each) => sum + each, 0) / errors.length : 0;
  return errors.reduce((sum, each) => sum + (each - mean) ** 2, 0) / errors.length;
}

const sums = new HeardSums(length);
for (const each of inputs) sums.add(each);
const nearest = Int8Array.from(weights, (weight) => Math.round(weight / scale));

test.each([true, false])(
  'weights rounded together change the answers far less than each for itself: centred %s',
  (isCentred) => {
    const together = roundTogether(weights, scale, 127, sums.heard(isCentred).rounding);
    expect(noiseOf(together, isCentred)).toBeLessThan(noiseOf(nearest, isCentred) / 2);
    // Each is still next to where it was, or one step further.
    together.forEach((each, at) => {
      expect(Math.abs(each - weights[at]! / scale)).toBeLessThan(3);
    });
  },
);

test('inputs that have nothing to do with each other leave each weight to its nearest step', () => {
  const covariance = Float64Array.from({ length: length * length }, (_, at) =>
    at % (length + 1) === 0 ? at + 1 : 0,
  );
  expect(roundTogether(weights, scale, 127, roundingBy(covariance))).toEqual(nearest);
});

test('inputs that were always 0 or always the same do no harm, and no weight leaves its 8 bits', () => {
  for (const covariance of [new Float64Array(length * length), new Float64Array(length * length).fill(1)]) {
    const rounded = roundTogether(weights, scale / 100, 127, roundingBy(covariance));
    expect(Math.max(...rounded.map(Math.abs))).toBeLessThanOrEqual(127);
  }
  expect(roundTogether(weights, scale, 127, roundingBy(new Float64Array(length * length)))).toEqual(nearest);
});

test('what was heard has the mean of its inputs', () => {
  const { means } = sums.heard(true);
  for (let at = 0; at < length; at++) {
    const mean = inputs.reduce((sum, each) => sum + each[at]!, 0) / inputs.length;
    expect(means[at]!).toBeCloseTo(mean, 5);
  }
});
