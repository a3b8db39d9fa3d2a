import type { DriftWindow, Random } from '@pomona/wire';
import { judgeWindow } from './drift.ts';
import { baselineOf, baselineWindows } from './drift-baseline.ts';
import { type DriftKind, driftOf } from './drift-kind.ts';

/** What is said after each window behind the baseline; `windows` are all of one line, oldest first, the baseline's included. */
export function judgeLine(windows: readonly DriftWindow[], random: Random): (DriftKind | undefined)[] {
  const baseline = baselineOf(windows.slice(0, baselineWindows), random);
  const verdicts = windows.slice(baselineWindows).map((window) => judgeWindow(baseline, window));
  return verdicts.map((_, at) => driftOf(baseline, verdicts.slice(0, at + 1))?.kind);
}
