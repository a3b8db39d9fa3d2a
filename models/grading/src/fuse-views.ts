/** One crop's outcome. `probabilities` in the order of the model's labels; `travelMm` where the belt stood (encoder). */
export interface FusableView {
  readonly probabilities: ArrayLike<number>;
  readonly travelMm: number;
}

/**
 * A float32 softmax underflows to 0, whose logarithm is none. What it still tells apart counts as it stands: networks are trained and
 * judged by the mean of logits, which nothing bounds, and where a blemish is in full view the best grade has far less than 1e-7.
 */
export const probabilityFloor = 1e-37;

/**
 * The probabilities of a whole fruit: the mean of the views' log-probabilities, normalised. The network ends in an
 * average over the picture and one dense layer, so the mean of the views' logits is the logit of all the surface that
 * was seen, and that is what training with several views per fruit optimises. No side counts twice (`turnWeights`).
 *
 * `views` in the order of travel; returns one share per label, sum 1, or nothing when there is no view.
 */
export function fuseViews(
  views: readonly FusableView[],
  diameterMm: number,
  turns: readonly number[] = turnWeights(views, diameterMm),
): number[] {
  return softmax(meanLogs(views, turns));
}

/** A logit for each label: the mean of the views' log-probabilities, each counting by its weight, one of them at least above 0. */
export function meanLogs(views: readonly FusableView[], weights: readonly number[]): number[] {
  const first = views[0];
  if (first === undefined) return [];
  let total = 0;
  for (let v = 0; v < views.length; v++) total += weights[v]!;
  const means: number[] = [];
  for (let k = 0; k < first.probabilities.length; k++) {
    let sum = 0;
    for (let v = 0; v < views.length; v++) {
      sum += weights[v]! * Math.log(Math.max(views[v]!.probabilities[k]!, probabilityFloor));
    }
    means.push(sum / total);
  }
  return means;
}

/**
 * How much each view counts. A rolling fruit turns once per π·D of travel, so after one and a half turns half of its
 * skin was seen twice: a view counts one n-th where its side of the fruit came by n times. So whole turns all count
 * the same, less than a turn too, and what is beyond the last whole turn is not wasted.
 */
export function turnWeights(views: readonly FusableView[], diameterMm: number): number[] {
  const weights: number[] = [];
  const count = views.length;
  if (count < 3 || !(diameterMm > 0)) {
    for (let v = 0; v < count; v++) weights.push(1);
    return weights;
  }
  const firstMm = views[0]!.travelMm;
  const lastMm = views[count - 1]!.travelMm;
  // Each view stands for the belt of half a step before it and after it.
  const halfStepMm = (lastMm - firstMm) / (count - 1) / 2;
  const turnMm = Math.PI * diameterMm;
  for (let v = 0; v < count; v++) {
    const { travelMm } = views[v]!;
    const turnsBefore = Math.floor((travelMm - firstMm + halfStepMm) / turnMm);
    const turnsAfter = Math.floor((lastMm - travelMm + halfStepMm) / turnMm);
    weights.push(1 / (1 + turnsBefore + turnsAfter));
  }
  return weights;
}

export function softmax(logits: readonly number[]): number[] {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < logits.length; k++) top = Math.max(top, logits[k]!);
  const shares: number[] = [];
  let total = 0;
  for (let k = 0; k < logits.length; k++) {
    const weight = Math.exp(logits[k]! - top);
    shares.push(weight);
    total += weight;
  }
  for (let k = 0; k < shares.length; k++) shares[k]! /= total;
  return shares;
}
