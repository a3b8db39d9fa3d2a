/** How a grade looks, as in the console: never by colour alone, it has a shape and its name beside it. */
import type { DeskFruit } from '../src/domain/desk-view.js';
import { make } from './elements.ts';

/** As in the console: `grade-2` before `grade-10`. */
const { compare } = new Intl.Collator('en', { numeric: true });
const shapes = ['●', '◆', '▲', '■', '○', '▬', '✚', '▼'];
const usual = ['good', 'ok', 'bad'];

export interface GradeLook {
  readonly colour: string;
  readonly shape: string;
}

/** Which mark a grade has on the whole page, by its name. */
export type GradeMarks = ReadonlyMap<string, number>;

/** Of the grades that fruit gets now, as in the console. What a recipe before this one gave takes the marks that are left, so that no two look alike. */
export function marksOf(now: readonly string[], earlier: readonly string[] = []): GradeMarks {
  const marks = new Map<string, number>();
  for (const [i, grade] of usual.entries())
    if (now.includes(grade) || earlier.includes(grade)) marks.set(grade, i);
  const others = (grades: readonly string[]) =>
    [...new Set(grades)].filter((grade) => !marks.has(grade)).sort(compare);
  for (const [i, grade] of others(now).entries()) marks.set(grade, usual.length + i);
  const taken = new Set(marks.values());
  let next = 0;
  for (const grade of others(earlier)) {
    while (taken.has(next)) next++;
    marks.set(grade, next++);
  }
  return marks;
}

export function gradeLook(grade: string, marks: GradeMarks): GradeLook {
  const place = marks.get(grade);
  // The picture may be ahead of what the page was told.
  if (place === undefined) return noGrade;
  const round = Math.floor(place / shapes.length);
  // Beyond the last a shape comes again, in another colour.
  const colour = `--grade-${(place + round) % shapes.length}`;
  return {
    colour: getComputedStyle(document.documentElement).getPropertyValue(colour).trim(),
    shape: shapes[place % shapes.length] ?? '●',
  };
}

/** Of fruit that no grade is known of. */
export const noGrade: GradeLook = { colour: '#cfd6dd', shape: '' };
/** Of fruit that passes while grading is paused. */
export const pausedLook: GradeLook = { colour: '#cfd6dd', shape: '‖' };

/** Of a fruit that was decided: one that passed a paused line was not graded, and has no grade's mark. */
export function fruitMark({ outcome, grade }: DeskFruit, marks: GradeMarks): HTMLElement {
  if (outcome !== 'paused') return gradeMark(grade, marks);
  return make('span', { className: 'grade' }, make('i', { ariaHidden: 'true' }, pausedLook.shape), 'paused');
}

export function gradeMark(grade: string, marks: GradeMarks): HTMLElement {
  const { colour, shape } = gradeLook(grade, marks);
  const sign = make('i', { ariaHidden: 'true' }, shape);
  sign.style.color = colour;
  return make('span', { className: 'grade' }, sign, grade);
}
