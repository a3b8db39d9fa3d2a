import type { TruthLine } from '@pomona/orchard';
import type { BenchRow } from '@pomona/training';
import { benchRow } from './bench-plane.ts';
import { pairFruit } from './demo/score-line.ts';

/** A photographed fruit that passed; `variety` is its name. */
export type TurntableFruit = Pick<TruthLine, 'lane' | 'positionMm' | 'variety' | 'grade' | 'diameterMm'>;

/** What the station made of a fruit. */
export interface RolledFruit {
  readonly lane: number;
  readonly positionMm: number;
  readonly grade: string;
  readonly outcome: string;
  readonly diameterMm: number;
  /** The likeliest label of each single view, in the order of capture. */
  readonly viewGrades: readonly string[];
}

/** `labels` run from the best to the worst. Sound fruit must not be graded worst, other fruit not best. */
export function turntableRows(
  labels: readonly string[],
  passed: readonly TurntableFruit[],
  rolled: readonly RolledFruit[],
): BenchRow[] {
  const pairs = pairFruit(passed, rolled);
  const names = [...new Set(passed.map(({ variety }) => variety))].sort();
  const seen = [...pairs.values()];
  return [
    ...names.flatMap((name) => {
      const own = passed.filter(({ variety }) => variety === name);
      return fruitRows(
        labels,
        own,
        own.flatMap((fruit) => pairs.get(fruit) ?? []),
      );
    }),
    limited('passes that nobody graded', passed.length - pairs.size, 'passes'),
    limited('fruits graded where none passed', rolled.length - pairs.size, 'fruits'),
    limited(
      'passes not seen well enough',
      seen.filter(({ outcome }) => outcome !== 'graded').length,
      'passes',
    ),
  ];
}

function fruitRows(
  labels: readonly string[],
  passed: readonly TurntableFruit[],
  rolled: readonly RolledFruit[],
): BenchRow[] {
  const { variety, grade } = passed[0]!;
  const best = labels[0]!;
  const isSound = grade === 'good';
  const forbidden = isSound ? labels.at(-1)! : best;
  const views = rolled.flatMap(({ viewGrades }) => viewGrades);
  const looksBest = views.filter((each) => each === best).length;
  const counts = rolled.map(({ viewGrades }) => viewGrades.length);
  const errors = rolled.map(({ diameterMm }) => diameterMm - passed[0]!.diameterMm);
  const grades = labels.map((label) => {
    const count = rolled.filter((each) => each.grade === label).length;
    const what = `${variety} (${isSound ? 'sound' : 'not sound'}) graded ${label}`;
    const row = label === forbidden ? limited(what, count, 'passes') : benchRow(what, count, 'passes');
    return { ...row, peer: 'of', peerValue: passed.length, ratio: count / passed.length };
  });
  if (rolled.length === 0) return grades;
  return [
    ...grades,
    benchRow(`${variety}: single views that look ${best}`, looksBest, 'views', ['of', views.length]),
    benchRow(`${variety}: views of a pass, fewest`, Math.min(...counts), 'views', [
      'most',
      Math.max(...counts),
    ]),
    benchRow(`${variety}: diameter, mean error`, mean(errors), 'mm'),
    benchRow(`${variety}: diameter, standard deviation over its passes`, deviation(errors), 'mm'),
  ];
}

function limited(what: string, count: number, unit: string): BenchRow {
  return benchRow(`${what} (limit 0${count > 0 ? ', MISSED' : ''})`, count, unit);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

function deviation(numbers: readonly number[]): number {
  const middle = mean(numbers);
  return Math.sqrt(mean(numbers.map((each) => (each - middle) ** 2)));
}
