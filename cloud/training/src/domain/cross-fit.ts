import { calibratedLogits, fittedCalibration, type GroupedCase } from './score-calibration.ts';

const foldsMax = 5;

/** What a case was not calibrated on: none of its group, or only not on itself. */
export type HeldBack = 'groups' | 'images';

/**
 * The calibrated logits of each case by numbers that were fitted to others: of other groups where every grade has at least
 * two of them, else of other images, which flatters, since a session is easy to know again. Throws a `RangeError` for a grade
 * of fewer than two cases.
 */
export function crossFitted(
  cases: readonly GroupedCase[],
  labelCount: number,
): { readonly logits: readonly (readonly number[])[]; readonly heldBack: HeldBack } {
  const byGroups = foldsOf(cases, ({ label, group }) => `${label}/${group}`, labelCount);
  const heldBack = byGroups !== undefined && isComplete(cases, byGroups, labelCount) ? 'groups' : 'images';
  const folds =
    heldBack === 'groups' ? byGroups! : foldsOf(cases, ({ label }, at) => `${label}/${at}`, labelCount);
  if (folds === undefined) throw new RangeError('a grade has fewer than two images');
  const logits = cases.map((): readonly number[] => []);
  for (const fold of new Set(folds)) {
    const calibration = fittedCalibration(
      cases.filter((_, at) => folds[at] !== fold),
      labelCount,
    );
    cases.forEach((each, at) => {
      if (folds[at] === fold) logits[at] = calibratedLogits(each.logits, calibration);
    });
  }
  return { logits, heldBack };
}

/** A fold for every case: the units of a label take turns, and all cases of a group share the fold of its first. Undefined with fewer than two units of a label. */
function foldsOf(
  cases: readonly GroupedCase[],
  unitOf: (each: GroupedCase, at: number) => string,
  labelCount: number,
): number[] | undefined {
  const units = cases.map(unitOf);
  const counts = Array.from(
    { length: labelCount },
    (_, label) => new Set(units.filter((_, at) => cases[at]!.label === label)).size,
  );
  const folds = Math.min(foldsMax, ...counts);
  if (folds < 2) return undefined;
  const next = new Array<number>(labelCount).fill(0);
  const foldOf = new Map<string, number>();
  return cases.map(({ label }, at) => {
    const key = units[at]!.slice(units[at]!.indexOf('/') + 1);
    const fold = foldOf.get(key) ?? next[label]!++ % folds;
    foldOf.set(key, fold);
    return fold;
  });
}

/** A group of several grades may have taken the last of one from the rest. */
function isComplete(cases: readonly GroupedCase[], folds: readonly number[], labelCount: number): boolean {
  return [...new Set(folds)].every(
    (fold) =>
      new Set(cases.filter((_, at) => folds[at] !== fold).map(({ label }) => label)).size === labelCount,
  );
}
