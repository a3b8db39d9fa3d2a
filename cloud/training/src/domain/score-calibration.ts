import { type Calibration, fitCalibration } from '@pomona/grading';
import type { Judged } from './temperature.ts';

export { type Calibration, calibratedLogits } from '@pomona/grading';

export interface GroupedCase extends Judged {
  /** The session, lot or fruit that it belongs to. */
  readonly group: string;
}

export const uncalibrated: Calibration = { scale: 1, shift: [] };

/**
 * The scale and the shifts that make the labels most likely. All grades weigh the same, and within each all its groups,
 * however many cases they have: a session is one sample of how a packhouse's pictures look, not four hundred. Throws a
 * `RangeError` where a grade has no cases.
 */
export function fittedCalibration(cases: readonly GroupedCase[], labelCount: number): Calibration {
  return fitCalibration(cases, weightsOf(cases, labelCount), labelCount);
}

function weightsOf(cases: readonly GroupedCase[], labelCount: number): number[] {
  const sizes = new Map<string, number>();
  const groups = Array.from({ length: labelCount }, () => new Set<string>());
  const keyOf = ({ label, group }: GroupedCase): string => `${label}/${group}`;
  for (const each of cases) {
    sizes.set(keyOf(each), (sizes.get(keyOf(each)) ?? 0) + 1);
    groups[each.label]!.add(each.group);
  }
  if (groups.some(({ size }) => size === 0)) throw new RangeError('calibration needs images of every grade');
  return cases.map((each) => 1 / labelCount / groups[each.label]!.size / sizes.get(keyOf(each))!);
}
