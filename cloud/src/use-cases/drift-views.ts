/** What the API says of a station's drift. */
import { driftStatisticTable } from '@pomona/grading';
import type { DriftDetail, DriftExpectation, DriftSummary, DriftWindowView } from '@pomona/wire';
import {
  type Baseline,
  type BeltChannel,
  baselineWindows,
  countsOf,
  driftStatistics,
  type Expected,
} from '../domain/drift-baseline.ts';
import { estimatedAccuracyOf } from '../domain/estimated-accuracy.ts';
import type { JudgedWindow, StationDrift } from './watch-drift.ts';

type Shared = Omit<DriftSummary, 'newest'>;

export function driftSummaryOf(station: string, drift: StationDrift | undefined): DriftSummary {
  const newest = drift?.windows.at(-1);
  return { ...sharedOf(station, drift), newest: newest ? windowViewOf(drift?.baseline, newest) : null };
}

export function driftDetailOf(station: string, drift: StationDrift | undefined): DriftDetail {
  const { baseline, windows = [] } = drift ?? {};
  return {
    ...sharedOf(station, drift),
    bins: driftStatistics.map((name) => ({
      name,
      edges: [...(driftStatisticTable.find((row) => row.name === name)?.edges ?? [])],
      grades: name === 'grades' ? gradesOf(baseline, windows) : [],
      baseline: [...(baseline?.statistics[name].counts ?? [])],
    })),
    windows: windows.map((window) => windowViewOf(baseline, window, gradesOf(baseline, windows))),
  };
}

function sharedOf(station: string, drift: StationDrift | undefined): Shared {
  const newest = drift?.windows.at(-1);
  return {
    station,
    release: newest?.window.release ?? null,
    baseline: {
      windows: Math.min(baselineWindows, drift?.count ?? 0),
      needed: baselineWindows,
      complete: drift?.baseline !== undefined,
    },
    windowCount: drift?.count ?? 0,
    kind: newest?.drift?.kind ?? null,
  };
}

function windowViewOf(
  baseline: Baseline | undefined,
  { window, receivedAtMs, verdict, drift }: JudgedWindow,
  grades = gradesOf(baseline, [{ window }]),
): DriftWindowView {
  const { boot, seq, from, to, fruits, views, confidence } = window;
  const beltOf = (channel: BeltChannel) =>
    expectationOf(
      window.belt?.[channel] ?? null,
      baseline?.belt?.[channel] ?? null,
      verdict?.beltChanged?.includes(channel) ?? false,
    );
  return {
    ...{ boot, seq, from, to, fruits, views, confidence, grades: window.grades },
    receivedAt: new Date(receivedAtMs).toISOString(),
    verdict:
      verdict === undefined
        ? 'baseline'
        : drift !== undefined
          ? 'drift'
          : verdict.beyond.length > 0
            ? 'beyond'
            : 'normal',
    kind: drift?.kind ?? null,
    statistics: driftStatistics.map((name) => ({
      name,
      counts: [...countsOf(window, name, grades)],
      psi: verdict?.statistics[name].psi ?? null,
      jensenShannon: verdict?.statistics[name].jensenShannon ?? null,
      limit: verdict === undefined ? null : (baseline?.statistics[name].limit ?? null),
      beyond: verdict?.beyond.includes(name) ?? false,
    })),
    estimatedAccuracy: estimatedAccuracyOf(window),
    accuracyAtBaselineMix: expectationOf(
      verdict?.accuracy ?? null,
      baseline?.accuracy ?? null,
      verdict?.beyond.includes('accuracy') ?? false,
    ),
    belt: { red: beltOf('red'), green: beltOf('green'), blue: beltOf('blue') },
    unknownShare: verdict?.unknownShare ?? null,
  };
}

function expectationOf(value: number | null, expected: Expected | null, beyond: boolean): DriftExpectation {
  return { value, expected: expected?.mean ?? null, within: expected?.within ?? null, beyond };
}

/** In the order of the bins of the statistic `grades`. */
function gradesOf(
  baseline: Baseline | undefined,
  windows: readonly Pick<JudgedWindow, 'window'>[],
): string[] {
  if (baseline !== undefined) return [...baseline.grades];
  return [...new Set(windows.flatMap(({ window }) => window.grades.map(({ grade }) => grade)))].sort();
}
