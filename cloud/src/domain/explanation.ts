import type { Evidence } from '@pomona/training/evidence';
import type { Explanation } from '@pomona/wire';

/** Figures beyond this place say nothing, and would triple the answer. */
const places = 4;

/**
 * What each cell says for and against a label. Logits count only against each other, so the mean of all labels is taken from
 * each; and of cells that show no fruit (0 all over `crop`, uint8 [size, size, 3]) nobody wants to know.
 */
export function explanationOf(
  { rows, columns, byLabel }: Evidence,
  base: readonly number[],
  labels: readonly string[],
  crop: Uint8Array,
  size: number,
): Explanation {
  const shows = cellsWithFruit(crop, size, rows, columns);
  const mean = (of: (label: number) => number) =>
    labels.reduce((sum, _, label) => sum + of(label), 0) / labels.length;
  const cellMeans = shows.map((_, cell) => mean((label) => byLabel[label]![cell]!));
  const baseMean = mean((label) => base[label]!);
  return {
    rows,
    columns,
    byLabel: labels.map((label, at) => {
      const all = cellMeans.map((cellMean, cell) => byLabel[at]![cell]! - cellMean);
      const evidence = all.map((value, cell) => (shows[cell] ? rounded(value) : 0));
      const beside = all.reduce((sum, value, cell) => (shows[cell] ? sum : sum + value), 0);
      return { label, evidence, elsewhere: rounded(base[at]! - baseMean + beside) };
    }),
  };
}

function cellsWithFruit(crop: Uint8Array, size: number, rows: number, columns: number): boolean[] {
  const shows = new Array<boolean>(rows * columns).fill(false);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = (y * size + x) * 3;
      if (crop[at] === 0 && crop[at + 1] === 0 && crop[at + 2] === 0) continue;
      shows[Math.floor((y * rows) / size) * columns + Math.floor((x * columns) / size)] = true;
    }
  }
  return shows;
}

function rounded(value: number): number {
  return Number(value.toFixed(places));
}
