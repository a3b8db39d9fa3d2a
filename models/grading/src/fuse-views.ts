/** One crop's outcome. `probabilities` in the order of the model's labels; `travelMm` where the belt stood (encoder). */
export interface FusableView {
  readonly probabilities: ArrayLike<number>;
  readonly travelMm: number;
}

/** A float32 softmax underflows to 0; without a floor one such view would veto a grade for the whole fruit. */
const probabilityFloor = 1e-7;

/**
 * The probabilities of a whole fruit: the mean of the views' log-probabilities, normalised. The network ends in an
 * average over the picture and one dense layer, so the mean of the views' logits is the logit of all the surface that
 * was seen, and that is what training with several views per fruit optimises.
 *
 * `views` in the order of travel; returns one share per label, sum 1, or nothing when there is no view.
 */
export function fuseViews(views: readonly FusableView[], diameterMm: number): number[] {
  const count = wholeTurnViews(views, diameterMm);
  const first = views[0];
  if (first === undefined) return [];
  const sums = new Array<number>(first.probabilities.length).fill(0);
  for (let v = 0; v < count; v++) {
    const { probabilities } = views[v]!;
    for (let k = 0; k < sums.length; k++) {
      sums[k]! += Math.log(Math.max(probabilities[k]!, probabilityFloor));
    }
  }
  return softmaxOf(sums, count);
}

/**
 * How many of the first views make whole turns. A rolling fruit turns once per π·D of travel; one and a half turns
 * would count half of its skin twice, so the rest after the last whole turn is left out. Each view stands for the
 * mean step between two views. Less than one turn: all views.
 */
export function wholeTurnViews(views: readonly FusableView[], diameterMm: number): number {
  const first = views[0];
  const last = views.at(-1);
  if (first === undefined || last === undefined || views.length < 3 || !(diameterMm > 0)) return views.length;
  const spanMm = last.travelMm - first.travelMm;
  const stepMm = spanMm / (views.length - 1);
  const turnMm = Math.PI * diameterMm;
  // Half a step of grace: a view belongs to the turn that it is nearer to, and what is missing of a turn by less than
  // that is not worth leaving the whole turn out.
  const turns = Math.floor((spanMm + stepMm * 1.5) / turnMm);
  if (turns < 1) return views.length;
  const endMm = first.travelMm + turns * turnMm - stepMm / 2;
  let count = views.length;
  while (count > 1 && views[count - 1]!.travelMm > endMm) count--;
  return count;
}

function softmaxOf(sums: readonly number[], count: number): number[] {
  const top = Math.max(...sums);
  const weights = sums.map((sum) => Math.exp((sum - top) / count));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
