/** How a grade looks, as in the console: never by colour alone, it has a shape and its name beside it. */
import { make } from './elements.ts';

const shapes = ['●', '◆', '▲', '■', '○', '▬', '✚', '▼'];
const usual = ['good', 'ok', 'bad'];

export interface GradeLook {
  readonly colour: string;
  readonly shape: string;
}

/** `grades`: all that there are, so that two of them do not look alike. */
export function gradeLook(grade: string, grades: readonly string[]): GradeLook {
  const others = grades.filter((each) => !usual.includes(each)).sort();
  const place = usual.includes(grade)
    ? usual.indexOf(grade)
    : usual.length + Math.max(0, others.indexOf(grade));
  const index = place % shapes.length;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--grade-${index}`).trim();
  return { colour, shape: shapes[index] ?? '●' };
}

export function gradeMark(grade: string, grades: readonly string[]): HTMLElement {
  const { colour, shape } = gradeLook(grade, grades);
  const sign = make('i', { ariaHidden: 'true' }, shape);
  sign.style.color = colour;
  return make('span', { className: 'grade' }, sign, grade);
}
