import { naturalOrder } from '@pomona/wire';

const namesShown = 8;

/** For the hint of a refusal: "There is drawn, phone." What somebody misspelt is mostly among them. */
export function whatThereIs(names: Iterable<string>, of = ''): string {
  const all = [...new Set(names)].sort(naturalOrder);
  const more = all.length > namesShown ? ` and ${all.length - namesShown} more` : '';
  const there = all.length === 0 ? 'none yet' : `${all.slice(0, namesShown).join(', ')}${more}`;
  return `There is ${of}${there}.`;
}
