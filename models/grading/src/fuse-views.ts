/** One crop's outcome: a probability for each of the model's labels. */
export type ViewProbabilities = ArrayLike<number>;

/**
 * A float32 softmax underflows to 0, whose logarithm is none. What it still tells apart counts as it stands: networks are trained and
 * judged by the mean of logits, which nothing bounds, and where a blemish is in full view the best grade has far less than 1e-7.
 */
export const probabilityFloor = 1e-37;

/**
 * The probabilities of a whole fruit: the mean of the views' log-probabilities, normalised. The network ends in an
 * average over the picture and one dense layer, so the mean of the views' logits is the logit of all the surface that
 * was seen, and that is what training with several views per fruit optimises. All views count alike, also after more than one
 * turn: the axis that a fruit rolls about wanders, so that the second turn shows other sides than the first (ADR 51).
 *
 * Returns one share per label, sum 1, or nothing when there is no view.
 */
export function fuseViews(views: readonly ViewProbabilities[]): number[] {
  return softmax(meanLogs(views));
}

/** A logit for each label: the mean of the views' log-probabilities, each counting by its weight, one of them at least above 0; alike where there are no weights. */
export function meanLogs(views: readonly ViewProbabilities[], weights?: ArrayLike<number>): number[] {
  const first = views[0];
  if (first === undefined) return [];
  let total = 0;
  for (let v = 0; v < views.length; v++) total += weights?.[v] ?? 1;
  // Of its size at once: a list that is pushed to takes room for seventeen.
  const means = new Array<number>(first.length).fill(0);
  for (let k = 0; k < first.length; k++) {
    let sum = 0;
    for (let v = 0; v < views.length; v++) {
      sum += (weights?.[v] ?? 1) * Math.log(Math.max(views[v]![k]!, probabilityFloor));
    }
    means[k] = sum / total;
  }
  return means;
}

export function softmax(logits: readonly number[]): number[] {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) top = Math.max(top, logits[k]!);
  const shares = logits.slice();
  let total = 0;
  for (let k = 0; k < logits.length; k++) {
    shares[k] = Math.exp(logits[k]! - top);
    total += shares[k]!;
  }
  for (let k = 0; k < shares.length; k++) shares[k]! /= total;
  return shares;
}
