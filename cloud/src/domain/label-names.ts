import { isSlug } from '@pomona/wire';
import { datasetError } from './dataset-errors.ts';

/** Of a dataset and the models that learn from it. */
const labelsMax = 16;

/**
 * The grades that somebody asks for, best first, however they are separated: in lower case, as they are read from folders and
 * an index. Error: `labels-invalid`, before hours are spent on a model whose release cannot be made.
 */
export function labelNames(given: readonly string[]): string[] {
  const names = given.flatMap((text) => text.split(/[\s,;]+/)).filter((name) => name !== '');
  const labels = names.map((name) => name.toLowerCase());
  const wrong = labels.find((label) => !isSlug(label));
  if (wrong !== undefined) throw datasetError('labels-invalid', `"${wrong}" cannot be the name of a grade`);
  const twice = labels.find((label, at) => labels.indexOf(label) < at);
  if (twice !== undefined) throw datasetError('labels-invalid', `the grade ${twice} is asked for twice`);
  if (labels.length === 0 || labels.length > labelsMax)
    throw datasetError('labels-invalid', `${labels.length} grades are asked for, not 1 to ${labelsMax}`);
  return labels;
}
