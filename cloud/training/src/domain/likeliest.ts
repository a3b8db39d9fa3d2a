/** The label of the highest score, of logits as of probabilities; the first of those that are equal. */
export function likeliest(scores: readonly number[]): number {
  return scores.indexOf(Math.max(...scores));
}

/** The share of images [images][labels] with the same likeliest label. */
export function agreementOf(a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number {
  return a.filter((row, at) => likeliest(row) === likeliest(b[at]!)).length / a.length;
}
