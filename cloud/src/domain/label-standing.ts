/**
 * What holds of a fruit that people label: the sum of all that was said of it, so that it can be told for any instant.
 *
 * | said           | before                        | then                                                             |
 * |----------------|-------------------------------|------------------------------------------------------------------|
 * | label          | none, wanted, agreed          | wanted when its fruit is one of the tenth, else none             |
 * | label, null    | none, wanted, agreed          | none, without a label                                            |
 * | label          | disputed, settled, unresolved | as before: more than one person has looked, and one more is noted |
 * | second         | wanted, agreed, disputed      | agreed with the first label, or disputed                         |
 * | second, null   | agreed, disputed              | wanted                                                           |
 * | decision       | disputed, settled, unresolved | settled                                                          |
 * | decision, null | disputed, settled, unresolved | unresolved                                                       |
 */
import { digestOf } from '@pomona/release';
import type { LabelKind, LabelSource, SampleReview } from '@pomona/wire';

export interface Said {
  readonly kind: LabelKind;
  readonly source: LabelSource;
  readonly actor: string;
  readonly label: string | null;
  readonly atMs: number;
}

export interface Opinion {
  readonly label: string;
  readonly by: string;
  readonly atMs: number;
}

export interface Standing {
  /** What holds. */
  readonly label: Opinion | null;
  /** What a second opinion is held against. */
  readonly first: Opinion | null;
  readonly second: Opinion | null;
  readonly review: SampleReview;
}

export const nothingSaid: Standing = { label: null, first: null, second: null, review: 'none' };

/** Share of the labelled fruit that a second person looks at. */
const secondShare = 0.1;

export interface FruitName {
  readonly station: string;
  readonly boot: string;
  readonly seq: number;
}

/** Always the same of a fruit, and of all fruit a tenth, whoever labels it and when. */
export function isForSecond({ station, boot, seq }: FruitName): boolean {
  const hash = digestOf(Buffer.from(`${station}/${boot}/${seq}`));
  return Number.parseInt(hash.slice(0, 8), 16) / 0x1_0000_0000 < secondShare;
}

/** `said` in the order in which it was said. */
export function standingOf(said: readonly Said[], isChosen: boolean): Standing {
  return said.reduce((standing, each) => standAfter(standing, each, isChosen), nothingSaid);
}

/** `isChosen`: see `isForSecond`. */
export function standAfter(before: Standing, said: Said, isChosen: boolean): Standing {
  const { label, actor: by, atMs } = said;
  const opinion = label === null ? null : { label, by, atMs };
  switch (said.kind) {
    case 'label': {
      if (isBeyondOne(before.review)) return before;
      if (opinion === null) return nothingSaid;
      // Of what is known for certain no opinion is needed, and nobody asks about labels that were there before.
      const isWanted = isChosen && said.source !== 'scenario-truth' && said.source !== 'import';
      return { label: opinion, first: opinion, second: null, review: isWanted ? 'wanted' : 'none' };
    }
    case 'second':
      if (opinion === null) return { ...before, second: null, review: 'wanted' };
      return {
        ...before,
        second: opinion,
        review: opinion.label === before.first?.label ? 'agreed' : 'disputed',
      };
    case 'decision':
      if (opinion === null) return { ...before, label: before.first, review: 'unresolved' };
      return { ...before, label: opinion, review: 'settled' };
  }
}

/** One person alone can no longer say what holds. */
export function isBeyondOne(review: SampleReview): boolean {
  return review === 'disputed' || review === 'settled' || review === 'unresolved';
}

/** No model may learn from it. */
export function isKeptBack(review: SampleReview): boolean {
  return review === 'disputed' || review === 'unresolved';
}
