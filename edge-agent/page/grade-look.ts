/** How a grade looks, as in the console: never by colour alone, it has a shape and its name beside it. */
import { make } from './elements.ts';

const shapes = ['●', '◆', '▲', '■', '○', '▬', '✚', '▼'];
const usual = ['good', 'ok', 'bad'];

export interface GradeLook {
  readonly colour: string;
  readonly shape: string;
}

/** `labels`: all grades of the model, so that two of them do not look alike. */
export function gradeLook(grade: string, labels: readonly string[]): GradeLook {
  const others = labels.filter((label) => !usual.includes(label)).sort();
  const place = usual.includes(grade)
    ? usual.indexOf(grade)
    : usual.length + Math.max(0, others.indexOf(grade));
  const index = place % shapes.length;
  const colour = getComputedStyle(document.documentElement).getPropertyValue(`--grade-${index}`).trim();
  return { colour, shape: shapes[index] ?? '●' };
}

export function gradeMark(grade: string, labels: readonly string[]): HTMLElement {
  const { colour, shape } = gradeLook(grade, labels);
  const sign = make('i', { ariaHidden: 'true' }, shape);
  sign.style.color = colour;
  return make('span', { className: 'grade' }, sign, grade);
}
