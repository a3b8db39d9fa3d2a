/** What the charts of the Drift page draw, column by column; a column is one window. */
import type { DriftDetail, DriftWindowView } from '@pomona/wire';
import { orderGrades } from './grade-style.ts';

type Column = readonly (number | null)[];

export interface Score {
  readonly score: Column;
  readonly limit: Column;
}

/** `name`: of a statistic. */
export function scoreOf(windows: readonly DriftWindowView[], name: string): Score {
  const figures = windows.map(({ statistics }) => statistics.find((each) => each.name === name));
  return {
    score: figures.map((each) => each?.psi ?? null),
    limit: figures.map((each) => each?.limit ?? null),
  };
}

export interface GradeShares {
  readonly grade: string;
  /** 0..1. */
  readonly share: Column;
  /** Of the baseline; null until it is complete. */
  readonly usual: number | null;
}

export function gradeSharesOf({ windows, bins }: Pick<DriftDetail, 'windows' | 'bins'>): GradeShares[] {
  const reference = bins.find(({ name }) => name === 'grades');
  const total = sum(reference?.baseline ?? []);
  const seen = windows.flatMap(({ grades }) => grades.map(({ grade }) => grade));
  return orderGrades([...(reference?.grades ?? []), ...seen]).map((grade) => ({
    grade,
    share: windows.map(({ grades }) => {
      const count = grades.find((each) => each.grade === grade)?.count ?? 0;
      const all = sum(grades.map((each) => each.count));
      return all === 0 ? null : count / all;
    }),
    usual: total === 0 ? null : (reference?.baseline[reference.grades.indexOf(grade)] ?? 0) / total,
  }));
}

export interface AccuracyColumns {
  /** At the baseline's mix of predictions where there is one. */
  readonly estimated: Column;
  readonly least: Column;
}

export function accuracyColumns(windows: readonly DriftWindowView[]): AccuracyColumns {
  return {
    estimated: windows.map((each) => each.accuracyAtBaselineMix.value ?? each.estimatedAccuracy),
    least: windows.map(({ verdict, accuracyAtBaselineMix: { expected, within } }) =>
      verdict === 'baseline' || expected === null || within === null ? null : expected - within,
    ),
  };
}

/**
 * The value that half of what was counted lies below, by a straight line inside its bin; `< ` or `> ` an edge when it is in
 * one of the open bins at the ends. Undefined when nothing was counted. `edges` are the inner ones.
 */
export function middleOf(
  edges: readonly number[],
  counts: readonly number[],
  format: (value: number) => string,
): string | undefined {
  const half = sum(counts) / 2;
  let below = 0;
  for (const [bin, count] of counts.entries()) {
    if (count > 0 && below + count >= half) {
      const [from, to] = [edges[bin - 1], edges[bin]];
      if (from !== undefined && to !== undefined)
        return format(from + ((to - from) * (half - below)) / count);
      if (to !== undefined) return `< ${format(to)}`;
      return from === undefined ? undefined : `> ${format(from)}`;
    }
    below += count;
  }
  return undefined;
}

/** Of the best grade, where what is counted are grades; undefined when nothing was. */
export function bestShareOf(grades: readonly string[], counts: readonly number[]): string | undefined {
  const [best] = orderGrades(grades);
  const total = sum(counts);
  if (best === undefined || total === 0) return undefined;
  return `${Math.round((100 * (counts[grades.indexOf(best)] ?? 0)) / total)} % ${best}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
