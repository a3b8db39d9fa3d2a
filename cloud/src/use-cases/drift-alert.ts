import { medianOf, type WindowVerdict } from '../domain/drift.ts';
import { type Baseline, countsOf, driftStatistics } from '../domain/drift-baseline.ts';
import { sumOf } from '../domain/drift-histograms.ts';
import { type Drift, unknownShareMin } from '../domain/drift-kind.ts';
import type { NewAlert } from './alerts.ts';
import type { StoredWindow } from './watch-drift.ts';

interface DriftedWindow extends StoredWindow {
  readonly verdict: WindowVerdict;
  readonly drift: Drift;
}

/** What a person is told of a drift, with the figures of its newest window. */
export function driftAlertOf(
  station: string,
  baseline: Baseline,
  { window, verdict, drift: { kind, held } }: DriftedWindow,
): NewAlert {
  const luma = countsOf(window, 'luma', baseline.grades);
  const brightness = medianOf('luma', luma) / Math.max(1, medianOf('luma', baseline.statistics.luma.counts));
  const figures = driftStatistics
    .filter((name) => held.has(name))
    .map((name) => [name, hundredths(verdict.statistics[name].psi)]);
  const texts = {
    camera: [
      `The pictures have ${changeOf(brightness, verdict.blurred)}`,
      'Clean the lens, and look at the lamp.',
    ],
    population: [
      'The fruit is of another kind than before',
      'A new lot, harvest or variety: see the grades.',
    ],
    model: [
      verdict.unknownShare > unknownShareMin
        ? 'The fruit is unlike any that the model has graded here'
        : 'The model is less sure than before',
      'Label some of this fruit, and train again.',
    ],
  } as const;
  return {
    kind: `drift-${kind}`,
    severity: 'warning',
    station,
    title: texts[kind][0],
    detail: texts[kind][1],
    evidence: Object.fromEntries([
      ['model', window.release.name],
      ...figures,
      ...(held.has('grades')
        ? [
            ['gradesUsual', sharesOf(baseline.grades, baseline.statistics.grades.counts)],
            ['gradesNow', sharesOf(baseline.grades, verdict.statistics.grades.counts)],
          ]
        : []),
      ...(verdict.beltChanged?.length ? [['beltChanged', verdict.beltChanged.join(', ')]] : []),
      ['unknownShare', hundredths(verdict.unknownShare)],
      ['medianLumaRatio', hundredths(brightness)],
      ...(verdict.accuracy === null ? [] : [['estimatedAccuracy', hundredths(verdict.accuracy)]]),
    ]),
  };
}

function changeOf(brightness: number, isBlurred: boolean): string {
  if (brightness < 0.9) return 'become darker';
  // Dirt and haze do both.
  if (brightness > 1.1) return isBlurred ? 'become brighter and blurred' : 'become brighter';
  return isBlurred ? 'become blurred' : 'changed their colour';
}

/** In words; grades that the baseline did not have are left out. */
function sharesOf(grades: readonly string[], counts: readonly number[]): string {
  const total = Math.max(1, sumOf(counts));
  return grades.map((grade, k) => `${grade} ${Math.round((100 * counts[k]!) / total)} %`).join(', ');
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
