import { formatCount, formatPercent } from '../domain/format.ts';
import { gradeStyle, orderGrades } from '../domain/grade-style.ts';
import { GradeGlyph } from './grade-mark.tsx';
import styles from './share-bar.module.css';

interface ShareBarProps {
  readonly grades: readonly { readonly grade: string; readonly count: number }[];
  /** What is counted, for those who do not see the bar. */
  readonly of: string;
  readonly legend?: 'full' | 'none';
}

/** Shares of a whole as one bar, with a legend that gives name, share and count. */
export function ShareBar({ grades, of, legend = 'full' }: ShareBarProps) {
  const parts = shares(grades);
  const labels = parts.map(({ grade }) => grade);
  const spoken = parts.map(({ grade, share }) => `${grade} ${formatPercent(share)}`).join(', ');
  return (
    <div className={styles.share}>
      <div className={styles.bar} role="img" aria-label={`${of}: ${spoken || 'none yet'}`}>
        {parts.map(({ grade, share }) => (
          <span
            key={grade}
            className={styles.part}
            title={`${grade} ${formatPercent(share)}`}
            style={{ flexGrow: share, background: `var(${gradeStyle(grade, labels).colour})` }}
          />
        ))}
      </div>
      {legend === 'full' && (
        <ul className={styles.legend}>
          {parts.map(({ grade, count, share }) => (
            <li key={grade}>
              <span className={styles.name}>
                <GradeGlyph grade={grade} labels={labels} />
                {grade}
              </span>
              <span className={styles.percent}>{formatPercent(share)}</span>
              <span className={styles.count}>{formatCount(count)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function shares(grades: ShareBarProps['grades']) {
  const counts = new Map(grades.map(({ grade, count }) => [grade, count]));
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return orderGrades(counts.keys()).map((grade) => {
    const count = counts.get(grade) ?? 0;
    return { grade, count, share: total === 0 ? 0 : count / total };
  });
}
