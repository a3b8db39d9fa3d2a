/**
 * Rounding one weight of a filter moves its output by what that weight hears. Weights that are not rounded yet and hear much the same can make
 * up for it: each is rounded to where the errors of those before it leave the output nearest to what it was, by the covariance of what the
 * filter hears (Frantar et al. 2022, "GPTQ", in the form of Babai's nearest plane). To the nearest step each for itself is what this
 * comes to where inputs have nothing to do with each other.
 */

/** Of the mean variance: inputs that never differed in calibration may yet. */
const dampingShare = 0.01;

export interface Rounding {
  /** In the order in which weights are rounded. */
  readonly order: readonly number[];
  /** [inputs, inputs], row `at` of weight `at`: the share of each weight's error that it makes up for; 0 for those that are rounded later. */
  readonly shares: Float64Array;
}

/** `covariance` [inputs, inputs] of what the filter's weights are multiplied with. */
export function roundingBy(covariance: Float64Array): Rounding {
  const length = Math.round(Math.sqrt(covariance.length));
  const variance = (at: number): number => covariance[at * length + at]!;
  const order = Array.from({ length }, (_, at) => at).sort((a, b) => variance(b) - variance(a));
  const damping = dampingShare * (order.reduce((sum, at) => sum + variance(at), 0) / length);
  // Factored from the last that is rounded to the first: H = Rᵀ R, R upper triangular.
  const last = [...order].reverse();
  const factor = new Float64Array(length * length);
  for (let row = 0; row < length; row++) {
    for (let column = row; column < length; column++) {
      let sum = covariance[last[row]! * length + last[column]!]!;
      if (row === column) sum += damping;
      for (let k = 0; k < row; k++) sum -= factor[k * length + row]! * factor[k * length + column]!;
      factor[row * length + column] =
        row === column ? Math.sqrt(Math.max(sum, damping, 1e-30)) : sum / factor[row * length + row]!;
    }
  }
  const shares = new Float64Array(length * length);
  for (let row = 0; row < length; row++) {
    for (let column = row + 1; column < length; column++)
      shares[last[row]! * length + last[column]!] =
        factor[row * length + column]! / factor[row * length + row]!;
  }
  return { order, shares };
}

/** `weights` in steps of `scale`, whole numbers of -`largest` to `largest`. */
export function roundTogether(
  weights: Float32Array,
  scale: number,
  largest: number,
  { order, shares }: Rounding,
): Int8Array {
  const rounded = new Int8Array(weights.length);
  const errors = new Float64Array(weights.length);
  for (const at of order) {
    let wanted = weights[at]!;
    const row = at * weights.length;
    for (let other = 0; other < weights.length; other++) wanted += shares[row + other]! * errors[other]!;
    rounded[at] = Math.max(-largest, Math.min(largest, Math.round(wanted / scale)));
    errors[at] = weights[at]! - rounded[at]! * scale;
  }
  return rounded;
}
