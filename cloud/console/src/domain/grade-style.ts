/**
 * How a grade looks. Labels come with the model, so any name must get a place; the usual three always get the same
 * one. A grade is never told by colour alone: it has a shape and its name beside it. The colours themselves are the
 * custom properties `--grade-0` … of `styles/tokens.css`, chosen to stay apart for colour-blind eyes.
 */
import { naturalOrder } from '@pomona/wire';

export const gradeShapes = [
  'circle',
  'diamond',
  'triangle',
  'square',
  'ring',
  'bar',
  'cross',
  'drop',
] as const;
export type GradeShape = (typeof gradeShapes)[number];

export interface GradeStyle {
  /** Name of a CSS custom property. */
  readonly colour: `--grade-${number}`;
  readonly shape: GradeShape;
}

const usual = ['good', 'ok', 'bad'] as const;

/** Best first where we know the name, the others after them by name. */
export function orderGrades(labels: Iterable<string>): string[] {
  const seen = new Set(labels);
  const known = usual.filter((label) => seen.has(label));
  const others = [...seen].filter((label) => !isUsual(label)).sort(naturalOrder);
  return [...known, ...others];
}

/** `labels`: all grades that share the picture, so that two of them do not get one look. */
export function gradeStyle(label: string, labels: Iterable<string>): GradeStyle {
  const place = isUsual(label) ? usual.indexOf(label) : usual.length + unusual(labels).indexOf(label);
  const at = Math.max(place, 0);
  const round = Math.floor(at / gradeShapes.length);
  // Beyond the last a shape comes again, in another colour.
  const colour = (at + round) % gradeShapes.length;
  return { colour: `--grade-${colour}`, shape: gradeShapes[at % gradeShapes.length]! };
}

function unusual(labels: Iterable<string>): string[] {
  return [...new Set(labels)].filter((label) => !isUsual(label)).sort(naturalOrder);
}

function isUsual(label: string): label is (typeof usual)[number] {
  return (usual as readonly string[]).includes(label);
}
