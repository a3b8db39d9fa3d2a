import { Checkbox } from '@mantine/core';
import type { ModelView } from '@pomona/wire';
import { useRole } from '../data/role.ts';

interface FailedGatesProps {
  readonly model: ModelView | undefined;
  readonly override: boolean;
  readonly onChange: (override: boolean) => void;
  readonly className?: string | undefined;
}

/** What keeps a version from the stations, and how an admin lets it go there all the same; nothing for one that passed. */
export function FailedGates({ model, override, onChange, className }: FailedGatesProps) {
  const { lacks } = useRole();
  if (model === undefined) return null;
  const failed = (model.gates ?? []).filter(({ verdict }) => verdict === 'failed');
  if (model.gates !== undefined && failed.length === 0) return null;
  const why =
    model.gates === undefined
      ? 'it was never held against gates'
      : `failed gates: ${failed.map(({ name }) => name).join(', ')}`;
  if (lacks('admin') !== undefined)
    return (
      <p className={className}>
        {model.name}@{model.version}: {why}. An admin may override that with a reason.
      </p>
    );
  return (
    <Checkbox
      className={className ?? ''}
      label={`In spite of gates, which is logged (${why})`}
      checked={override}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
