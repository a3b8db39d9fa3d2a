import type { ReactNode } from 'react';
import { type GradeShape, gradeStyle } from '../domain/grade-style.ts';
import styles from './grade-mark.module.css';

interface GradeMarkProps {
  readonly grade: string;
  /** All grades that share the picture. */
  readonly labels: readonly string[];
}

/** A grade by shape, colour and name. */
export function GradeMark({ grade, labels }: GradeMarkProps) {
  return (
    <span className={styles.mark}>
      <GradeGlyph grade={grade} labels={labels} />
      {grade}
    </span>
  );
}

export function GradeGlyph({ grade, labels }: GradeMarkProps) {
  const { colour, shape } = gradeStyle(grade, labels);
  return (
    <svg className={styles.glyph} style={{ color: `var(${colour})` }} viewBox="0 0 12 12" aria-hidden="true">
      {shapes[shape]}
    </svg>
  );
}

const shapes: Record<GradeShape, ReactNode> = {
  circle: <circle cx="6" cy="6" r="4.7" fill="currentColor" />,
  diamond: <path d="M6 .5 11.5 6 6 11.5.5 6z" fill="currentColor" />,
  triangle: <path d="M6 1 11.6 11H.4z" fill="currentColor" />,
  square: <path d="M1.5 1.5h9v9h-9z" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="3.9" fill="none" stroke="currentColor" strokeWidth="2.4" />,
  bar: <path d="M1 3.5h10v5H1z" fill="currentColor" />,
  cross: <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="2.6" />,
  drop: <path d="M6 .5C9 4 10 5.5 10 7.5a4 4 0 0 1-8 0C2 5.5 3 4 6 .5z" fill="currentColor" />,
};
