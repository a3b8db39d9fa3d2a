import type { Verdict } from '@pomona/grading';
import type { Recipe } from '@pomona/wire';

/** What of a recipe made a verdict's grade, in a few words: the last that had a say. */
export function decidedBy({ outcome, rule, ceiling }: Verdict, { costs }: Recipe): string {
  if (outcome === 'unseen') return 'too few views';
  if (rule !== undefined) return `rule ${rule.name}`;
  if (ceiling === undefined) return costs === undefined ? 'the likeliest label' : 'the least cost';
  const { of, maxProbability, views } = ceiling;
  const where = views === undefined ? '' : ` in ${views} ${views === 1 ? 'view' : 'views'}`;
  return `ceiling: ${of} above ${Number((100 * maxProbability).toFixed(2))} %${where}`;
}
