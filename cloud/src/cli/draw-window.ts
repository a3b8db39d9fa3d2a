/** Windows of statistics that never were, but might have been. */
import { mergeHistograms } from '@pomona/grading';
import { type DriftWindow, type Random, randomInt } from '@pomona/wire';

/** One window with what all of them counted, at least one; all else is as in the first. */
export function mergeWindows(windows: readonly DriftWindow[]): DriftWindow {
  const first = windows[0]!;
  const sumOf = (of: (window: DriftWindow) => number) => windows.reduce((sum, each) => sum + of(each), 0);
  const grades = [...new Set(windows.flatMap((window) => window.grades.map(({ grade }) => grade)))];
  return {
    ...first,
    histograms: first.histograms.map(({ name, counts }) => ({
      name,
      counts: windows.slice(1).reduce<number[]>((sum, { histograms }) => {
        const other = histograms.find((each) => each.name === name)?.counts;
        return other === undefined ? sum : mergeHistograms(sum, other);
      }, counts),
    })),
    grades: grades.map((grade) => ({
      grade,
      count: sumOf((window) => window.grades.find((each) => each.grade === grade)?.count ?? 0),
    })),
    confidence: {
      sum: first.confidence.sum.map((_, k) => sumOf(({ confidence }) => confidence.sum[k]!)),
      predicted: first.labels.map((label, k) => ({
        label,
        n: sumOf(({ confidence }) => confidence.predicted[k]!.n),
        sum: sumOf(({ confidence }) => confidence.predicted[k]!.sum),
      })),
    },
  };
}

/** A window of so many fruits, each statistic drawn by itself from that of `window`. */
export function drawWindow(window: DriftWindow, fruits: number, random: Random): DriftWindow {
  const draw = (counts: readonly number[]) => drawCounts(counts, fruits, random);
  const grades = draw(window.grades.map(({ count }) => count));
  const predicted = draw(window.confidence.predicted.map(({ n }) => n));
  return {
    ...window,
    fruits,
    histograms: window.histograms.map(({ name, counts }) => ({ name, counts: draw(counts) })),
    grades: window.grades.map(({ grade }, k) => ({ grade, count: grades[k]! })),
    confidence: {
      ...window.confidence,
      predicted: window.confidence.predicted.map(({ label, n, sum }, k) => ({
        label,
        n: predicted[k]!,
        sum: n === 0 ? 0 : (sum / n) * predicted[k]!,
      })),
    },
  };
}

function drawCounts(counts: readonly number[], fruits: number, random: Random): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const drawn = counts.map(() => 0);
  for (let i = 0; i < fruits; i++) {
    let left = randomInt(random, total);
    let bin = 0;
    while (left >= counts[bin]!) left -= counts[bin++]!;
    drawn[bin]!++;
  }
  return drawn;
}
