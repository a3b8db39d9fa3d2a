import type { RecipeDryRun } from './rest-recipes.ts';

/**
 * The rows and columns of a dry run's table, the best grade first. What stands in no order comes last: grades of other recipes,
 * and of versions of the model with other labels, where the recipe names no grades of its own.
 */
export function dryRunGrades({
  confusion,
  grades,
  labels,
}: Pick<RecipeDryRun, 'confusion' | 'grades' | 'labels'>): {
  readonly before: readonly string[];
  readonly after: readonly string[];
} {
  const order = [...grades, ...labels];
  const place = (grade: string) => (order.includes(grade) ? order.indexOf(grade) : order.length);
  const ordered = (seen: readonly string[]) => [...new Set(seen)].sort((a, b) => place(a) - place(b));
  return {
    before: ordered(confusion.map((row) => row.before)),
    after: ordered(confusion.map((row) => row.after)),
  };
}
