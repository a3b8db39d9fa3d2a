import type { TruthLine } from '@pomona/orchard';
import type { BenchRow } from '@pomona/training';
import { benchRow } from './bench-plane.ts';
import { pairFruit, scoreLine, trueFruitAt } from './demo/score-line.ts';

export type PassedFruit = Pick<
  TruthLine,
  'lane' | 'positionMm' | 'grade' | 'clear' | 'diameterMm' | 'defectShare'
>;

/** What the station made of a fruit. */
export interface GradedFruit {
  readonly lane: number;
  readonly positionMm: number;
  readonly grade: string;
  readonly diameterMm: number;
  /** None where its network has no map of defects. */
  readonly defectShare?: number;
  /** Of each view: the encoder position at which what it shows is at the exit edge. */
  readonly viewsAtMm: readonly number[];
}

/** What nobody graded is not right. A row says what it should reach, and whether it missed that. */
export function accuracyRows(
  labels: readonly string[],
  passed: readonly PassedFruit[],
  graded: readonly GradedFruit[],
): BenchRow[] {
  const score = scoreLine(passed, graded, labels);
  const pairs = [...pairFruit(passed, graded)];
  const diameters = pairs.map(([fruit, { diameterMm }]) => diameterMm - fruit.diameterMm);
  const areas = pairs.flatMap(([fruit, { defectShare }]) =>
    defectShare === undefined ? [] : 100 * Math.abs(defectShare - fruit.defectShare),
  );
  const { switched, mixed } = identities(passed, graded);
  return [
    atLeast('right, of all fruit', percent(score.correct, score.fruits), '%', 96),
    atLeast(
      'right, of those not within a quarter of a limit',
      percent(score.clearCorrect, score.clear),
      '%',
      99,
    ),
    atMost('bad fruit graded good', percent(score.badAsGood, score.bad), '%', 0.3),
    atMost('identity switches', percent(switched, score.fruits), '%', 0.2),
    atMost('diameter, 95th percentile of the error', quantile(diameters.map(Math.abs), 0.95), 'mm', 2),
    benchRow(
      'diameter, mean error',
      diameters.reduce((sum, each) => sum + each, 0) / Math.max(1, pairs.length),
      'mm',
    ),
    ...(areas.length === 0
      ? []
      : [atMost('defect area, median of the error', quantile(areas, 0.5), 'points', 1.5)]),
    benchRow('records with a view of another fruit', mixed, 'records', ['of', graded.length]),
    benchRow('fruits that nobody graded', score.missed, 'fruits', ['of', score.fruits]),
    benchRow('fruits graded where none passed', score.phantom, 'fruits'),
  ];
}

/**
 * Switched: fruit that has no record of its own, and each record more than one that a fruit has. A record is that of the fruit that most of its views
 * show; one of views of nothing is nobody's.
 */
function identities(
  passed: readonly PassedFruit[],
  graded: readonly GradedFruit[],
): { readonly switched: number; readonly mixed: number } {
  const truth = passed.map((fruit, id) => ({ ...fruit, id }));
  const records = new Map<number, number>();
  let mixed = 0;
  for (const { lane, viewsAtMm, positionMm } of graded) {
    const views = new Map<number, number>();
    for (const atMm of viewsAtMm.length === 0 ? [positionMm] : viewsAtMm) {
      const shown = trueFruitAt(truth, { lane, positionMm: atMm });
      if (shown !== undefined) views.set(shown.id, (views.get(shown.id) ?? 0) + 1);
    }
    if (views.size > 1) mixed++;
    const [own] = [...views].sort(([, a], [, b]) => b - a);
    if (own !== undefined) records.set(own[0], (records.get(own[0]) ?? 0) + 1);
  }
  const switched = truth.reduce((sum, { id }) => sum + Math.abs((records.get(id) ?? 0) - 1), 0);
  return { switched, mixed };
}

function atLeast(name: string, value: number, unit: string, goal: number): BenchRow {
  return goalRow(name, value, unit, `at least ${goal} ${unit}`, goal, value >= goal);
}

function atMost(name: string, value: number, unit: string, goal: number): BenchRow {
  return goalRow(name, value, unit, `at most ${goal} ${unit}`, goal, value <= goal);
}

function goalRow(
  name: string,
  value: number,
  unit: string,
  goalText: string,
  goal: number,
  isMet: boolean,
): BenchRow {
  return benchRow(`${name} (goal ${goalText}${isMet ? '' : ', MISSED'})`, value, unit, ['goal', goal]);
}

function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : (100 * part) / whole;
}

/** Nearest rank; 0 of none. */
function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
