/** The scale and the shifts of logits by which known labels are likeliest. */
import { softmax } from './fuse-views.ts';

/**
 * Calibrated logits = `scale` · logits + `shift`. The first label's shift is 0: only differences count. For two labels these
 * are the two numbers of Platt (1999); without shifts it is a temperature of 1 / `scale` (Guo et al. 2017).
 */
export interface Calibration {
  readonly scale: number;
  /** By label; an empty list shifts nothing. */
  readonly shift: readonly number[];
}

export interface CalibrationCase {
  readonly logits: readonly number[];
  /** Index of its true label. */
  readonly label: number;
}

/** Keeps the scale finite where the logits separate the labels. */
const pull = 1e-3;
/** Keeps the matrix of curves regular; far below what any case adds to it. */
const ridge = 1e-9;
const roundsMax = 200;
const stepMin = 1e-10;
/** A long step of Newton's may overshoot where all cases are far from the limits. */
const stepMax = 2;

/** Of one case. */
export function calibratedLogits(logits: readonly number[], { scale, shift }: Calibration): number[] {
  return logits.map((logit, at) => scale * logit + (shift[at] ?? 0));
}

/** By Newton's method. What each case counts stands in `weights`, whose sum is 1; of every label there is a case. */
export function fitCalibration(
  cases: readonly CalibrationCase[],
  weights: readonly number[],
  labelCount: number,
): Calibration {
  let calibration: Calibration = { scale: 1, shift: new Array<number>(labelCount).fill(0) };
  for (let round = 0; round < roundsMax; round++) {
    const step = newtonStep(cases, weights, calibration);
    const length = Math.max(...step.map(Math.abs));
    const share = Math.min(1, stepMax / Math.max(length, stepMin));
    const { scale, shift } = calibration;
    calibration = {
      scale: scale - share * step[0]!,
      shift: shift.map((each, label) => (label === 0 ? 0 : each - share * step[label]!)),
    };
    if (length < stepMin) break;
  }
  return calibration;
}

/** For the parameters scale, shift[1], shift[2], …: what to take from them. */
function newtonStep(
  cases: readonly CalibrationCase[],
  weights: readonly number[],
  calibration: Calibration,
): number[] {
  const size = calibration.shift.length;
  const gradient = new Array<number>(size).fill(0);
  const curves = gradient.map((_, row) => gradient.map((_, column) => (row === column ? ridge : 0)));
  gradient[0]! += pull * (calibration.scale - 1);
  curves[0]![0]! += pull;
  cases.forEach(({ logits, label }, at) => {
    const weight = weights[at]!;
    const p = softmax(calibratedLogits(logits, calibration));
    // What each parameter adds to the logit of each grade.
    const mean = logits.reduce((sum, logit, grade) => sum + p[grade]! * logit, 0);
    gradient[0]! += weight * (mean - logits[label]!);
    curves[0]![0]! += weight * logits.reduce((sum, logit, grade) => sum + p[grade]! * (logit - mean) ** 2, 0);
    for (let a = 1; a < size; a++) {
      gradient[a]! += weight * (p[a]! - (a === label ? 1 : 0));
      const mixed = weight * p[a]! * (logits[a]! - mean);
      curves[0]![a]! += mixed;
      curves[a]![0]! += mixed;
      for (let b = 1; b < size; b++) curves[a]![b]! += weight * p[a]! * ((a === b ? 1 : 0) - p[b]!);
    }
  });
  return solved(curves, gradient);
}

/** x of `matrix` · x = `right`, by elimination; the matrix is symmetric and positive definite, so that nothing is swapped. */
function solved(matrix: readonly number[][], right: readonly number[]): number[] {
  const rows = matrix.map((row, at) => [...row, right[at]!]);
  const size = rows.length;
  for (let at = 0; at < size; at++) {
    for (let below = at + 1; below < size; below++) {
      const factor = rows[below]![at]! / rows[at]![at]!;
      for (let column = at; column <= size; column++) rows[below]![column]! -= factor * rows[at]![column]!;
    }
  }
  const x = new Array<number>(size).fill(0);
  for (let at = size - 1; at >= 0; at--) {
    let rest = rows[at]![size]!;
    for (let column = at + 1; column < size; column++) rest -= rows[at]![column]! * x[column]!;
    x[at] = rest / rows[at]![at]!;
  }
  return x;
}
