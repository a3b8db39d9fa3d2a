import { naturalOrder } from '@pomona/wire';

const namesShown = 8;

/** For the hint of a refusal: "There is drawn, phone. Name one of those." What somebody misspelt is mostly among them. */
export function whatThereIs(names: Iterable<string>, of = ''): string {
  const all = [...new Set(names)].sort(naturalOrder);
  if (all.length === 0) return of === '' ? 'There is none yet.' : `There is no ${of}yet.`;
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : '';
  return `There is ${of}${all.slice(0, namesShown).join(', ')}${more}. Name one of those.`;
}
