import type { ErrorCost, ModelView, ProjectTargets } from '@pomona/wire';

/**
 * What a model's mistakes cost on the mean of all cases. A pair of grades for which the project says nothing costs as many
 * steps as lie between them in the order of the labels.
 */
export function errorCostOf(
  { labels, evaluation }: Pick<ModelView, 'labels' | 'evaluation'>,
  { costs }: Pick<ProjectTargets, 'costs'>,
): ErrorCost {
  const matrix = labels.map((truth, row) =>
    labels.map((graded, column) =>
      row === column ? 0 : (costs?.[truth]?.[graded] ?? Math.abs(row - column)),
    ),
  );
  let [total, cases] = [0, 0];
  evaluation.confusion.forEach((counts, row) => {
    counts.forEach((count, column) => {
      total += count * matrix[row]![column]!;
      cases += count;
    });
  });
  return { perCase: cases === 0 ? 0 : total / cases, costs: matrix };
}
