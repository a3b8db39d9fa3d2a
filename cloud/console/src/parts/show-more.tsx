import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { formatCount } from '../domain/format.ts';
import styles from './show-more.module.css';

interface ShowMoreProps<T> {
  readonly items: readonly T[];
  /** How many are shown before someone asks for all. */
  readonly first: number;
  readonly children: (shown: readonly T[]) => ReactNode;
}

/** More rows than these help nobody, and cost the browser. */
const rowsMost = 300;

export function ShowMore<T>({ items, first, children }: ShowMoreProps<T>) {
  const [all, setAll] = useState(false);
  const most = Math.min(items.length, rowsMost);
  return (
    <>
      {children(items.slice(0, all ? most : first))}
      {items.length > first && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)} className={styles.more}>
          {all
            ? 'Show fewer'
            : most < items.length
              ? `Show ${formatCount(most)} of ${formatCount(items.length)}`
              : `Show all ${formatCount(most)}`}
        </Button>
      )}
    </>
  );
}
