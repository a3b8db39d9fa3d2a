/** What was said about an image, and what is true. */
export interface ScoredCase {
  /** Logit of the worst grade against the best: above 0 is bad. */
  readonly score: number;
  readonly isBad: boolean;
  /** The session, lot or fruit that it belongs to. */
  readonly group: string;
}

/** Calibrated logit = `scale` · score + `shift`. */
export interface ScoreCalibration {
  readonly scale: number;
  readonly shift: number;
}

/** Keeps the scale finite where the scores separate both grades. */
const pull = 1e-3;
const roundsMax = 200;
const stepMin = 1e-10;

/**
 * Platt scaling (Platt 1999): the two numbers that make the scores' probabilities most likely, by Newton's method. Both
 * grades weigh the same, and within each all its groups, however many images they have: a session is one sample of how a
 * packhouse's pictures look, not four hundred. Throws a `RangeError` without cases of both kinds.
 */
export function fittedScoreCalibration(cases: readonly ScoredCase[]): ScoreCalibration {
  const weights = weightsOf(cases);
  let scale = 1;
  let shift = 0;
  for (let round = 0; round < roundsMax; round++) {
    let [g0, g1, h00, h01, h11] = [pull * (scale - 1), 0, pull, 0, 1e-9];
    cases.forEach(({ score, isBad }, at) => {
      const p = 1 / (1 + Math.exp(-(scale * score + shift)));
      const error = weights[at]! * (p - (isBad ? 1 : 0));
      const curve = weights[at]! * p * (1 - p);
      g0 += error * score;
      g1 += error;
      h00 += curve * score * score;
      h01 += curve * score;
      h11 += curve;
    });
    const determinant = h00 * h11 - h01 * h01;
    const scaleStep = (h11 * g0 - h01 * g1) / determinant;
    const shiftStep = (h00 * g1 - h01 * g0) / determinant;
    // A long step of Newton's may overshoot where both grades are far from the limit.
    const share = Math.min(1, 2 / Math.max(Math.abs(scaleStep), Math.abs(shiftStep), 1e-12));
    scale -= share * scaleStep;
    shift -= share * shiftStep;
    if (Math.abs(scaleStep) + Math.abs(shiftStep) < stepMin) break;
  }
  return { scale, shift };
}

function weightsOf(cases: readonly ScoredCase[]): number[] {
  const sizes = new Map<string, number>();
  const groups = [new Set<string>(), new Set<string>()];
  const keyOf = ({ isBad, group }: ScoredCase): string => `${isBad}/${group}`;
  for (const each of cases) {
    sizes.set(keyOf(each), (sizes.get(keyOf(each)) ?? 0) + 1);
    groups[Number(each.isBad)]!.add(each.group);
  }
  if (groups.some(({ size }) => size === 0)) throw new RangeError('calibration needs images of both grades');
  return cases.map((each) => 0.5 / groups[Number(each.isBad)]!.size / sizes.get(keyOf(each))!);
}
