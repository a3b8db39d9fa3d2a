/** What may be said of a share of few cases: all of four right says little of the fifth, and drawing those four anew never shows a mistake. */
import { counted } from './counted.ts';
import type { Evaluation } from './rest.ts';

/** Below that a share is shown with a warning; at so many, all right is 88.6 to 100 %. */
const casesMin = 30;
/** Of 95 %, two-sided. */
const z = 1.96;

type Bounds = readonly [number, number];

/** Wilson's score interval (1927) of a share of `n` cases, of 95 %: also of none and of all it is no single point. */
export function wilsonInterval(share: number, n: number): [number, number] {
  const centre = share + z ** 2 / (2 * n);
  const half = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  const scale = 1 + z ** 2 / n;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/**
 * The bounds of a share of `n` cases: `drawn`, those of the bootstrap, and where there are too few cases to draw from at least Wilson's, which in turn
 * does not know of cases that are alike, as photographs of one session are.
 */
export function shareBounds(
  share: number | null,
  n: number,
  drawn: Bounds | null | undefined,
): Bounds | undefined {
  if (share === null || n === 0 || n >= casesMin) return drawn ?? undefined;
  const [low, high] = wilsonInterval(share, n);
  return drawn == null ? [low, high] : [Math.min(low, drawn[0]), Math.max(high, drawn[1])];
}

/** "of only 4 images, which says little"; undefined where there are enough, or none of which anything could be said. */
export function fewCases(n: number, unit: string): string | undefined {
  return n > 0 && n < casesMin ? `of only ${counted(n, unit)}, which says little` : undefined;
}

/** Behind a figure: those words after a comma, or nothing. */
export function withComma(words: string | undefined): string {
  return words === undefined ? '' : `, ${words}`;
}

/** How many cases an evaluation counts: images, or fruits of several views. */
export function casesOf({ unit, images, groups }: Pick<Evaluation, 'unit' | 'images' | 'groups'>): number {
  return unit === 'fruit' ? groups : images;
}

export function fewCasesOf(evaluation: Pick<Evaluation, 'unit' | 'images' | 'groups'>): string | undefined {
  return fewCases(casesOf(evaluation), evaluation.unit);
}

/** The bounds of an evaluation that may be shown: means over grades have none where there are few cases. */
export function evaluationBounds(evaluation: Evaluation): Partial<NonNullable<Evaluation['intervals']>> {
  const { intervals, accuracy } = evaluation;
  if (fewCasesOf(evaluation) === undefined) return intervals ?? {};
  const bounds = shareBounds(accuracy, casesOf(evaluation), intervals?.accuracy);
  return bounds === undefined ? {} : { accuracy: [...bounds] };
}

/** The bounds of a grade's precision and recall that may be shown. */
export function classBounds(
  { confusion, perClass }: Pick<Evaluation, 'confusion' | 'perClass'>,
  label: string,
): { readonly precision?: Bounds | undefined; readonly recall?: Bounds | undefined } {
  const at = perClass.findIndex((row) => row.label === label);
  const row = perClass[at];
  if (row === undefined) return {};
  const graded = confusion.reduce((sum, counts) => sum + (counts[at] ?? 0), 0);
  return {
    precision: shareBounds(row.precision, graded, row.precisionInterval),
    recall: shareBounds(row.recall, row.support, row.recallInterval),
  };
}
