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

/** `grades`: all that there are, so that two of them do not look alike. */
export function gradeLook(grade: string, grades: readonly string[]): GradeLook {
  const others = grades.filter((each) => !usual.includes(each)).sort(compare);
  const place = usual.includes(grade)
    ? usual.indexOf(grade)
    : usual.length + Math.max(0, others.indexOf(grade));
  const index = place % shapes.length;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--grade-${index}`).trim();
  return { colour, shape: shapes[index] ?? '●' };
}

/** Of fruit that no grade is known of. */
export const noGrade: GradeLook = { colour: '#cfd6dd', shape: '' };
/** Of fruit that passes while grading is paused. */
export const pausedLook: GradeLook = { colour: '#cfd6dd', shape: '‖' };

/** Of a fruit that was decided: one that passed a paused line was not graded, and has no grade's mark. */
export function fruitMark({ outcome, grade, grades }: DeskFruit): HTMLElement {
  if (outcome !== 'paused') return gradeMark(grade, grades);
  return make('span', { className: 'grade' }, make('i', { ariaHidden: 'true' }, pausedLook.shape), 'paused');
}

export function gradeMark(grade: string, grades: readonly string[]): HTMLElement {
  const { colour, shape } = gradeLook(grade, grades);
  const sign = make('i', { ariaHidden: 'true' }, shape);
  sign.style.color = colour;
  return make('span', { className: 'grade' }, sign, grade);
}
