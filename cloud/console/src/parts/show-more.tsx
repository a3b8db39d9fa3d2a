import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { formatCount } from '../domain/format.ts';

interface ShowMoreProps<T> {
  readonly items: readonly T[];
  /** How many are shown before someone asks for all. */
  readonly first: number;
  readonly children: (shown: readonly T[]) => ReactNode;
}

export function ShowMore<T>({ items, first, children }: ShowMoreProps<T>) {
  const [all, setAll] = useState(false);
  return (
    <>
      {children(all ? items : items.slice(0, first))}
      {items.length > first && (
        <Button size="compact-sm" variant="subtle" onClick={() => setAll(!all)} mt="xs">
          {all ? 'Show fewer' : `Show all ${formatCount(items.length)}`}
        </Button>
      )}
    </>
  );
}
