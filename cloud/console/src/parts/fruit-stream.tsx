import { ActionIcon } from '@mantine/core';
import type { StoredFruit } from '@pomona/wire';
import { useState } from 'react';
import { FruitTable } from './fruit-table.tsx';
import { PauseIcon, PlayIcon } from './icons.tsx';
import { Panel } from './panel.tsx';

interface FruitStreamProps {
  readonly fruits: readonly StoredFruit[];
  readonly rows: number;
  readonly kind: 'stream' | 'station';
}

/** The last fruits as they come; can be held, because what moves cannot be read. */
export function FruitStream({ fruits, rows, kind }: FruitStreamProps) {
  const [held, setHeld] = useState<readonly StoredFruit[] | undefined>(undefined);
  const label = held === undefined ? 'Hold the list' : 'Let the list run on';
  return (
    <Panel
      title="Last fruits"
      note={held === undefined ? undefined : 'held'}
      actions={
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={label}
          aria-pressed={held !== undefined}
          title={label}
          onClick={() => setHeld(held === undefined ? fruits : undefined)}
        >
          {held === undefined ? <PauseIcon /> : <PlayIcon />}
        </ActionIcon>
      }
    >
      {fruits.length === 0 ? (
        <p>No fruit yet.</p>
      ) : (
        <FruitTable fruits={held ?? fruits} rows={rows} kind={kind} />
      )}
    </Panel>
  );
}
