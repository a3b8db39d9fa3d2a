import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** Beside the title: what or how much this page is about. */
  readonly note?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, note, children }: PageProps) {
  useDocumentTitle(`${title} · Pomona`);
  return (
    <>
      <div className={styles.title}>
        <h1>{title}</h1>
        {note !== undefined && <span className={styles.soft}>{note}</span>}
      </div>
      <div className={styles.stack}>{children}</div>
    </>
  );
}
