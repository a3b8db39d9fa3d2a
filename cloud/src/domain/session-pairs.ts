import { type Calibration, fittedCalibration } from '@pomona/training';

/** What was said about an image, and what is true. */
export interface ScoredCase {
  /** Logit of the worst grade against the best: above 0 is bad. */
  readonly score: number;
  readonly isBad: boolean;
  /** The session, lot or fruit that it belongs to. */
  readonly group: string;
}

export interface SessionPair {
  readonly good: string;
  readonly bad: string;
}

export interface PairFigures extends SessionPair {
  readonly images: number;
  readonly balancedAccuracy: number;
  /** Area under the ROC curve: how often a bad fruit scores above a good one. */
  readonly auc: number;
}

/** Every session of good fruit with every session of bad fruit. */
export function sessionPairs(cases: readonly Pick<ScoredCase, 'isBad' | 'group'>[]): SessionPair[] {
  const sessions = (bad: boolean): string[] => [
    ...new Set(cases.filter(({ isBad }) => isBad === bad).map(({ group }) => group)),
  ];
  return sessions(false).flatMap((good) => sessions(true).map((bad) => ({ good, bad })));
}

/**
 * The images of a pair, and those that may be learnt or calibrated from: none of either session's, not even where it has
 * fruit of the other grade.
 */
export function splitPair<T extends Pick<ScoredCase, 'isBad' | 'group'>>(
  cases: readonly T[],
  { good, bad }: SessionPair,
) {
  return {
    heldOut: cases.filter(({ isBad, group }) => group === (isBad ? bad : good)),
    known: cases.filter(({ group }) => group !== good && group !== bad),
  };
}

/** How a network that is frozen does on a pair, calibrated on all other sessions. */
export function judgePair(cases: readonly ScoredCase[], pair: SessionPair): PairFigures {
  const { heldOut, known } = splitPair(cases, pair);
  return figuresOf(pair, calibratedScores(heldOut, calibrationOf(known)));
}

/** Half of them of a session of good fruit, half of one of bad. */
export const firstDayPhotographs = 60;

/** For every choice of one session of each grade among those that were not held out, what one photographs of them on the first day. */
export function firstDays<T extends Pick<ScoredCase, 'isBad' | 'group'>>(
  cases: readonly T[],
  pair: SessionPair,
): T[][] {
  const { known } = splitPair(cases, pair);
  return sessionPairs(known).map((taken) => [
    ...spread(known.filter(({ isBad, group }) => !isBad && group === taken.good)),
    ...spread(known.filter(({ isBad, group }) => isBad && group === taken.bad)),
  ]);
}

/** As `judgePair`, calibrated on so few photographs. */
export function judgeFirstDays(cases: readonly ScoredCase[], pair: SessionPair): PairFigures[] {
  const { heldOut } = splitPair(cases, pair);
  return firstDays(cases, pair).map((chosen) =>
    figuresOf(pair, calibratedScores(heldOut, calibrationOf(chosen))),
  );
}

/** At most so many, from all over the session. */
function spread<T>(cases: readonly T[]): T[] {
  const count = Math.min(cases.length, firstDayPhotographs / 2);
  return Array.from({ length: count }, (_, at) => cases[Math.floor((at * cases.length) / count)]!);
}

function calibrationOf(cases: readonly ScoredCase[]): Calibration {
  return fittedCalibration(
    cases.map(({ score, isBad, group }) => ({ logits: [0, score], label: Number(isBad), group })),
    2,
  );
}

/** A scale below 0 would turn the network's order around; of such a one `pomona calibrate` makes no version, and here it knows nothing. */
function calibratedScores(cases: readonly ScoredCase[], { scale, shift }: Calibration): ScoredCase[] {
  return cases.map((each) => ({ ...each, score: Math.max(0, scale) * each.score + shift[1]! }));
}

/** Of scores whose limit is 0. */
export function figuresOf(pair: SessionPair, heldOut: readonly ScoredCase[]): PairFigures {
  const scoresOf = (bad: boolean): number[] =>
    heldOut.filter(({ isBad }) => isBad === bad).map(({ score }) => score);
  const [good, bad] = [scoresOf(false), scoresOf(true)];
  const right = (scores: readonly number[], isRight: (score: number) => boolean): number =>
    scores.filter(isRight).length / scores.length;
  const balancedAccuracy = (right(good, (score) => score <= 0) + right(bad, (score) => score > 0)) / 2;
  return { ...pair, images: heldOut.length, balancedAccuracy, auc: areaUnderCurve(good, bad) };
}

function areaUnderCurve(good: readonly number[], bad: readonly number[]): number {
  let won = 0;
  for (const high of bad) for (const low of good) won += high > low ? 1 : high === low ? 0.5 : 0;
  return won / (good.length * bad.length);
}
