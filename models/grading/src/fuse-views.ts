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
export function fuseViews(views: readonly FusableView[], diameterMm: number): number[] {
  return softmax(meanLogs(views, turnWeights(views, diameterMm)));
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
  const first = views[0];
  const last = views.at(-1);
  if (first === undefined || last === undefined || views.length < 3 || !(diameterMm > 0)) {
    return views.map(() => 1);
  }
  const spanMm = last.travelMm - first.travelMm;
  // Each view stands for the belt of half a step before it and after it.
  const halfStepMm = spanMm / (views.length - 1) / 2;
  const turnMm = Math.PI * diameterMm;
  return views.map(({ travelMm }) => {
    const turnsBefore = Math.floor((travelMm - first.travelMm + halfStepMm) / turnMm);
    const turnsAfter = Math.floor((last.travelMm - travelMm + halfStepMm) / turnMm);
    return 1 / (1 + turnsBefore + turnsAfter);
  });
}

export function softmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
