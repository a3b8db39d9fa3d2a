import type { ReactNode } from 'react';
import type { Tone } from '../domain/health-verdict.ts';
import styles from './figure.module.css';

interface FigureProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly tone?: Tone;
  readonly size?: 'large' | 'small';
}

/** One named figure. They stand in a `Figures` list. A figure out of its limits says so in words as well. */
export function Figure({ label, value, note, tone = 'plain', size = 'small' }: FigureProps) {
  return (
    <div className={styles.figure} data-tone={tone} data-size={size}>
      <dt>{label}</dt>
      <dd>
        <span className={styles.value}>{value}</span>
        {tone !== 'plain' && (
          <span className={styles.tone}>{tone === 'bad' ? 'out of bounds' : 'look here'}</span>
        )}
        {note !== undefined && <span className={styles.note}>{note}</span>}
      </dd>
    </div>
  );
}

export function Figures({ children }: { readonly children: ReactNode }) {
  return <dl className={styles.figures}>{children}</dl>;
}
